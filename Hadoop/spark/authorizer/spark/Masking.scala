package authorizer.spark

import org.apache.spark.sql.catalyst.expressions._
import org.apache.spark.sql.types._

/** The masks of one relation as expressions over its columns. */
final class Masking(expressions: PolicyExpressions) {
  import PolicyExpressions.{cast, constant}

  /**
   * What stands in the place of a column.
   *
   * @param masks of this column, the strictest first: the first one whose `when` is not false masks the value
   * @return of the column's own type
   */
  def apply(column: Attribute, masks: Seq[Ruling.Mask]): Expression =
    masks.foldRight(column: Expression) { (mask, otherwise) =>
      val masked = cast(value(column, mask), column.dataType)
      mask.when.fold(masked) { when =>
        If(EqualNullSafe(expressions(when), Literal.FalseLiteral), otherwise, masked)
      }
    }

  private def value(column: Attribute, mask: Ruling.Mask): Expression = mask.method match {
    case "null" => Literal(null, column.dataType)
    case "constant" => constant(mask.value, column.dataType)
    case "hash" => SaltedHash(column, mask.salt.get)
    case "round" => rounded(column, mask.value)
    case "truncate" => truncated(column, mask.value)
    case "regex" =>
      // Longer than what a pattern is let loose on.
      If(
        GreaterThan(Length(column), Literal(Masking.longestMatched)), Literal(null, StringType),
        RegExpReplace(column, Literal(mask.value), Literal(mask.replacement), Literal(1)))
    case "expression" => If(IsNull(column), Literal(null, column.dataType), expressions(mask.expression.get))
    case other => throw new IllegalArgumentException(s"the mask $other")
  }

  /** The nearest multiple of a step that is not above the value. */
  private def rounded(column: Attribute, step: String): Expression = {
    val stepLiteral = column.dataType match {
      case FloatType | DoubleType => Literal(step.toDouble)
      case _ => PolicyExpressions.literal("number", Some(step))
    }
    val wide = column.dataType match {
      case ByteType | ShortType | IntegerType => cast(column, LongType)
      case FloatType => cast(column, DoubleType)
      case _ => column
    }
    new Subtract(wide, new Pmod(wide, stepLiteral))
  }

  private def truncated(column: Attribute, unit: String): Expression = column.dataType match {
    case DateType => TruncDate(column, Literal(unit))
    case TimestampType => TruncTimestamp(Literal(unit), column, Some("UTC"))
    case other => throw new IllegalArgumentException(s"${other.sql} cannot be rounded to the $unit")
  }
}

object Masking {
  val longestMatched = 4096
}
