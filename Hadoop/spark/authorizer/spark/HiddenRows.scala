package authorizer.spark

import scala.util.control.NonFatal

import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.catalyst.expressions.{And, Attribute, BasePredicate, Expression, Predicate}
import org.apache.spark.sql.catalyst.plans.logical.{Filter, LocalRelation}
import org.apache.spark.sql.execution.FileSourceScanExec
import org.apache.spark.sql.execution.datasources.csv.CSVFileFormat
import org.apache.spark.sql.vectorized.ColumnarBatch

/**
 * Which rows of a scan the row filters keep back. Only for counting: what keeps them back is the plan, and the optimizer
 * does with that what it likes.
 *
 * @param shown true for rows that the filters let through
 * @param isComplete whether the scan gives all rows of its files: where conditions are pushed into it, or partitions left
 *   out, some that the filters would keep back are never read
 */
final class HiddenRows(shown: Expression, columns: Seq[Attribute], val isComplete: Boolean) extends Serializable {
  def predicate(): BasePredicate = Predicate.create(shown, columns)
}

object HiddenRows {
  /** How many rows a value stands for that a predicate is not true for. */
  trait Count[T] extends Serializable {
    def apply(value: T, shown: BasePredicate): Long
  }

  val inRow: Count[InternalRow] = new Count[InternalRow] {
    override def apply(row: InternalRow, shown: BasePredicate): Long = if (shown.eval(row)) 0 else 1
  }

  val inBatch: Count[ColumnarBatch] = new Count[ColumnarBatch] {
    override def apply(batch: ColumnarBatch, shown: BasePredicate): Long = {
      val rows = batch.numRows
      var (row, hidden) = (0, 0L)
      while (row < rows) {
        if (!shown.eval(batch.getRow(row))) hidden += 1
        row += 1
      }
      hidden
    }
  }

  /** The scan in a form that leaves out as few rows as costs nothing: CSV is parsed in any case. */
  def countable(scan: FileSourceScanExec): FileSourceScanExec =
    if (scan.relation.fileFormat.getClass != classOf[CSVFileFormat]) scan
    else Copies.of(scan, "dataFilters" -> Nil)()(scan.copy(dataFilters = Nil))

  /** @return none where there are no filters, or the scan does not give the columns that they are about */
  def of(scan: FileSourceScanExec, ruling: Ruling): Option[HiddenRows] =
    if (ruling.filters.isEmpty) None
    else try {
      val resolved = PolicyTypes.resolving {
        val expressions = new PolicyExpressions(PolicyExpressions.byName(scan.output))
        Filter(ruling.filters.map(filter => expressions(filter.condition)).reduce(And(_, _)), LocalRelation(scan.output))
      }
      val isComplete = scan.partitionFilters.isEmpty && scan.metadata.get("PushedFilters").contains("[]")
      resolved.expressions.headOption.map(new HiddenRows(_, scan.output, isComplete))
    } catch {
      case NonFatal(_) => None
    }
}

/** Counts what the filters keep back of what goes through. Whatever happens in counting, everything goes through. */
final class CountingIterator[T](values: Iterator[T], hidden: Option[HiddenRows], count: HiddenRows.Count[T])
  extends Iterator[T] {
  private var shown = try hidden.map(_.predicate()) catch { case NonFatal(_) => None }
  private var hasFailed = hidden.isDefined && shown.isEmpty
  private var hasEnded = false
  private var counted = 0L

  /** So far. */
  def hiddenRows: Long = counted

  /** Whether all values have gone through, and were counted. */
  def isWhole: Boolean = hasEnded && !hasFailed

  override def hasNext: Boolean = {
    val more = values.hasNext
    if (!more) hasEnded = true
    more
  }

  override def next(): T = {
    val value = values.next()
    if (shown.isDefined) {
      try counted += count(value, shown.get)
      catch {
        case NonFatal(_) =>
          shown = None
          hasFailed = true
      }
    }
    value
  }
}
