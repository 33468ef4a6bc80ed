package authorizer.spark

import scala.collection.mutable

import org.apache.spark.SparkContext
import org.apache.spark.util.AccumulatorV2

/**
 * What a task says of one partition of a scan.
 *
 * @param hiddenRows that the row filters kept back of what it read
 * @param isWhole whether it read the partition to its end
 * @param grants under which it read, by their ids
 */
final case class PartitionTally(partition: Int, hiddenRows: Long, isWhole: Boolean, grants: Set[String]) {
  /** Of two tasks that read the same partition: the one that read more of it. */
  def or(other: PartitionTally): PartitionTally =
    PartitionTally(
      partition, math.max(hiddenRows, other.hiddenRows), isWhole || other.isWhole, grants ++ other.grants)
}

/**
 * Brings what tasks say to the driver. By partition, and never added up over tasks: a partition that is read again, by a
 * second attempt, for a stage that is run anew or for each partition of another side of a join, has the same rows.
 */
final class ScanTally extends AccumulatorV2[PartitionTally, Seq[PartitionTally]] {
  private val partitions = mutable.Map.empty[Int, PartitionTally]

  override def isZero: Boolean = synchronized(partitions.isEmpty)

  override def copy(): ScanTally = {
    val other = new ScanTally
    value.foreach(other.add)
    other
  }

  override def reset(): Unit = synchronized(partitions.clear())

  override def add(tally: PartitionTally): Unit = synchronized {
    partitions(tally.partition) = partitions.get(tally.partition).fold(tally)(_.or(tally))
  }

  override def merge(other: AccumulatorV2[PartitionTally, Seq[PartitionTally]]): Unit = other.value.foreach(add)

  override def value: Seq[PartitionTally] = synchronized(partitions.values.toList)
}

/**
 * What is known in the driver of one scan.
 *
 * @param hidden how to find the rows that the filters keep back; none where there are no filters, or they cannot be told
 */
final class ScanReport(val ruling: Ruling, val hidden: Option[HiddenRows]) {
  val tally = new ScanTally
  @volatile private var partitions = Option.empty[Int]

  /** Before the scan's tasks are sent. */
  def begin(context: SparkContext, count: Int): Unit = synchronized {
    if (!tally.isRegistered) context.register(tally)
    partitions = Some(count)
  }

  def grants: Seq[String] = tally.value.flatMap(_.grants).distinct

  /** None where nobody counts. */
  def hiddenRows: Option[RowCount] =
    if (ruling.filters.isEmpty) Some(RowCount(0, isLeast = false))
    else hidden.map { rows =>
      val tallies = tally.value
      RowCount(tallies.map(_.hiddenRows).sum, isLeast = !(rows.isComplete && partitions.contains(tallies.count(_.isWhole))))
    }

  override def equals(other: Any): Boolean = other match {
    case report: ScanReport => ruling == report.ruling
    case _ => false
  }

  override def hashCode: Int = ruling.hashCode
}

/** @param isLeast whether there may be more */
final case class RowCount(count: Long, isLeast: Boolean)
