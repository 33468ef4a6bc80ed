package authorizer.spark

import java.math.{BigDecimal => JavaDecimal}

import com.fasterxml.jackson.databind.JsonNode
import org.apache.spark.sql.catalyst.expressions._
import org.apache.spark.sql.types._
import org.apache.spark.unsafe.types.UTF8String

/**
 * Expressions of policies as Spark's own, built node by node: no SQL is read, no name is looked up in the session, so
 * that a function the user registered under a known name is never called.
 *
 * @param columns the columns of the relation by their names in lower case
 */
final class PolicyExpressions(columns: Map[String, Attribute]) {
  import PolicyExpressions._

  /** @throws IllegalArgumentException for an operation that this release does not know, which refuses the query */
  def apply(node: JsonNode): Expression = {
    def value = node.required("value").asText
    lazy val arguments = Option(node.get("arguments")).toSeq.flatMap(Ruling.elements).map(apply)
    def first = arguments.head
    def second = arguments(1)
    node.required("operation").asText match {
      case "literal" => literal(node.required("type").asText, Option(node.get("value")).map(_.asText))
      case "column" => column(value)
      case "AND" => And(first, second)
      case "OR" => Or(first, second)
      case "NOT" => Not(first)
      case "=" => EqualTo(first, second)
      case "<" => LessThan(first, second)
      case "<=" => LessThanOrEqual(first, second)
      case ">" => GreaterThan(first, second)
      case ">=" => GreaterThanOrEqual(first, second)
      case "+" => new Add(first, second)
      case "-" => new Subtract(first, second)
      case "*" => new Multiply(first, second)
      case "/" => new Divide(first, second)
      case "%" => new Remainder(first, second)
      case "negate" => UnaryMinus(first)
      case "IS NULL" => IsNull(first)
      case "IN" => In(first, arguments.tail)
      case "LIKE" => Like(first, Literal(value), '\\')
      case "CASE" => choice(arguments)
      case "lower" => Lower(first)
      case "upper" => Upper(first)
      case "trim" => StringTrim(first)
      case "length" => Length(first)
      case "substring" => Substring(first, second, arguments(2))
      case "concat" => Concat(arguments)
      case "coalesce" => Coalesce(arguments)
      case "abs" => Abs(first)
      case "floor" => PolicyExpressions.ofOne(classOf[Floor], first)(Floor(first))
      case "ceil" => PolicyExpressions.ofOne(classOf[Ceil], first)(Ceil(first))
      case "year" => Year(first)
      case "month" => Month(first)
      case "day" => DayOfMonth(first)
      case other => throw new IllegalArgumentException(s"the operation $other")
    }
  }

  def column(name: String): Attribute =
    columns.getOrElse(name.toLowerCase(java.util.Locale.ROOT), throw new NoSuchElementException(s"no column `$name`"))

  private def choice(parts: Seq[Expression]): Expression = {
    val branches = parts.grouped(2).collect { case Seq(when, value) => (when, value) }.toSeq
    CaseWhen(branches, if (parts.length % 2 == 1) Some(parts.last) else None)
  }
}

object PolicyExpressions {
  /** What is no column of the table, such as `_metadata`, has a name that no column has. */
  def byName(columns: Seq[Attribute]): Map[String, Attribute] =
    columns.map(column => column.name.toLowerCase(java.util.Locale.ROOT) -> column).toMap

  def literal(kind: String, value: Option[String]): Expression = (kind, value) match {
    case ("null", _) => Literal(null, NullType)
    case ("string", Some(text)) => Literal(UTF8String.fromString(text), StringType)
    case ("boolean", Some(text)) => Literal(text == "true")
    case ("number", Some(text)) => number(text)
    case ("date", Some(text)) => constant(text, DateType)
    case ("timestamp", Some(text)) => constant(text, TimestampType)
    case _ => throw new IllegalArgumentException(s"a literal of the type $kind")
  }

  /** Of a class that has more parameters in some releases of Spark than in others, as `copy` in [[Copies]]. */
  private def ofOne(kind: Class[_ <: Expression], child: Expression)(plain: => Expression): Expression =
    try plain
    catch { case _: NoSuchMethodError => kind.getConstructor(classOf[Expression]).newInstance(child) }

  /** As SQL has it: the narrowest of int, bigint and decimal. */
  private def number(text: String): Expression = {
    val number = new JavaDecimal(text)
    if (number.scale > 0 || number.precision > 18) Literal(Decimal(number), DecimalType(
      math.max(number.precision, number.scale), number.scale))
    else if (number.precision < 10) Literal(number.intValueExact)
    else Literal(number.longValueExact)
  }

  /** A text as a value of a type. */
  def constant(text: String, dataType: DataType): Expression = {
    val value = cast(Literal(UTF8String.fromString(text), StringType), dataType).eval()
    require(value != null, s"`$text` is no ${dataType.sql}")
    Literal(value, dataType)
  }

  /** What is no value of the type becomes null. Times are those of UTC, whatever the session says. */
  def cast(expression: Expression, dataType: DataType): Expression =
    if (expression.resolved && expression.dataType == dataType) expression
    else Cast(expression, dataType, Some("UTC"), EvalMode.TRY)
}
