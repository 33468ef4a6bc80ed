package authorizer.spark

import org.apache.spark.{Partition, TaskContext}
import org.apache.spark.rdd.RDD
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.catalyst.catalog.HiveTableRelation
import org.apache.spark.sql.catalyst.expressions.{Attribute, SortOrder}
import org.apache.spark.sql.catalyst.plans.physical.Partitioning
import org.apache.spark.sql.catalyst.rules.Rule
import org.apache.spark.sql.execution.{ColumnarRule, FileSourceScanExec, SparkPlan, UnaryExecNode}
import org.apache.spark.sql.vectorized.ColumnarBatch

/** Puts a [[GovernedScan]] over every scan of a table that policies know. */
case class GovernScans(session: SparkSession) extends ColumnarRule {
  private lazy val authority = Authority.of(session.sparkContext)
  private lazy val relations = new Relations(session, authority.settings)

  override def preColumnarTransitions: Rule[SparkPlan] = new Rule[SparkPlan] {
    override def apply(plan: SparkPlan): SparkPlan = if (authority.isUnbound) plan else guarded(plan)
  }

  private def guarded(plan: SparkPlan): SparkPlan = plan match {
    case done: GovernedScan => done
    case scan: FileSourceScanExec =>
      // Partitions are as their table is, if that was asked about: each query reads others.
      val known = relations.sourceOfAll(scan).flatMap(authority.known(_)).filterNot(_.isDenied)
      governed(scan, known.orElse(relations.source(scan).flatMap(ruling))) { ruling =>
        val countable = HiddenRows.countable(scan)
        (countable, HiddenRows.of(countable, ruling))
      }
    case scan if GovernScans.isHive(scan) =>
      val table = scan.productIterator.collectFirst { case table: HiveTableRelation => table }
      governed(scan, table.flatMap(hive => relations.source(hive.tableMeta)).flatMap(ruling))(_ => (scan, None))
    case other => other.mapChildren(guarded)
  }

  private def ruling(source: Source): Option[Ruling] = authority.rulings(Seq(source)).headOption

  /** @param counted the scan as it is carried out, and what is counted of it */
  private def governed(scan: SparkPlan, ruling: Option[Ruling])(
      counted: Ruling => (SparkPlan, Option[HiddenRows])): SparkPlan = {
    ruling.filter(_.isDenied).foreach(denied => throw denied.denial)
    ruling.filter(_.isMarked).fold(scan) { ruling =>
      authority.plan(ruling)
      val (carriedOut, hidden) = counted(ruling)
      GovernedScan(carriedOut, authority.settings.asksForGrants, new ScanReport(ruling, hidden))
    }
  }
}

object GovernScans {
  /** By its name, since not every Spark has Hive's classes. */
  private def isHive(plan: SparkPlan): Boolean =
    plan.getClass.getName == "org.apache.spark.sql.hive.execution.HiveTableScanExec"
}

/**
 * A scan whose tasks make sure of a grant before they read, and say for the audit what came of it.
 *
 * @param report has no part in comparing plans: the same scan is read once, whoever counts
 */
case class GovernedScan(child: SparkPlan, asksForGrants: Boolean, @transient report: ScanReport)
  extends UnaryExecNode {
  override def output: Seq[Attribute] = child.output
  override def outputPartitioning: Partitioning = child.outputPartitioning
  override def outputOrdering: Seq[SortOrder] = child.outputOrdering
  override def supportsColumnar: Boolean = child.supportsColumnar
  override def vectorTypes: Option[Seq[String]] = child.vectorTypes

  override protected def stringArgs: Iterator[Any] = Iterator(report.ruling)

  override protected def doExecute(): RDD[InternalRow] = governed(child.execute(), HiddenRows.inRow)

  override protected def doExecuteColumnar(): RDD[ColumnarBatch] = governed(child.executeColumnar(), HiddenRows.inBatch)

  private def governed[T: scala.reflect.ClassTag](files: RDD[T], count: HiddenRows.Count[T]): RDD[T] = {
    val ruling = report.ruling
    report.begin(sparkContext, files.getNumPartitions)
    new GovernedRDD(
      files, if (asksForGrants) Some(EnsureGrant(ruling.principal, ruling.dataSources)) else None, report.tally,
      report.hidden, count)
  }

  override protected def withNewChildInternal(child: SparkPlan): GovernedScan = copy(child = child)
}

private final class GovernedRDD[T: scala.reflect.ClassTag](
    files: RDD[T], grant: Option[EnsureGrant], tally: ScanTally, hidden: Option[HiddenRows], count: HiddenRows.Count[T])
  extends RDD[T](files) {
  override protected def getPartitions: Array[Partition] = firstParent[T].partitions

  override def compute(split: Partition, context: TaskContext): Iterator[T] = {
    val ids = grant.fold(Set.empty[String])(question => AuthorizerExecutor.ensureGrant(question).toSet)
    val counting = new CountingIterator(firstParent[T].iterator(split, context), hidden, count)
    context.addTaskCompletionListener[Unit] { _ =>
      tally.add(PartitionTally(split.index, counting.hiddenRows, counting.isWhole, ids))
    }
    counting
  }
}
