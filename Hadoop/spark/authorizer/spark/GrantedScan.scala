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

/** Has every scan of a table that needs a grant ask for it, task by task, before it reads. */
case class GrantScans(session: SparkSession) extends ColumnarRule {
  private lazy val authority = Authority.of(session.sparkContext)
  private lazy val relations = new Relations(session, authority.settings)

  override def preColumnarTransitions: Rule[SparkPlan] = new Rule[SparkPlan] {
    override def apply(plan: SparkPlan): SparkPlan =
      if (!authority.settings.asksForGrants) plan else guarded(plan)
  }

  private def guarded(plan: SparkPlan): SparkPlan = plan match {
    case done: GrantedScan => done
    case scan: FileSourceScanExec => granted(scan, relations.source(scan))
    case scan if GrantScans.isHive(scan) =>
      granted(scan, scan.productIterator.collectFirst { case table: HiveTableRelation => table }.flatMap(relations.source(_)))
    case other => other.mapChildren(guarded)
  }

  private def granted(scan: SparkPlan, source: Option[Source]): SparkPlan =
    source.flatMap(known => authority.rulings(Seq(known)).headOption).filter(_.isMarked).fold(scan) { ruling =>
      authority.plan(ruling)
      GrantedScan(scan, ruling.principal, ruling.dataSources)
    }
}

object GrantScans {
  /** By its name, since not every Spark has Hive's classes. */
  private def isHive(plan: SparkPlan): Boolean =
    plan.getClass.getName == "org.apache.spark.sql.hive.execution.HiveTableScanExec"
}

/** A scan whose tasks ask before they read. */
case class GrantedScan(child: SparkPlan, principal: String, dataSources: Seq[String]) extends UnaryExecNode {
  override def output: Seq[Attribute] = child.output
  override def outputPartitioning: Partitioning = child.outputPartitioning
  override def outputOrdering: Seq[SortOrder] = child.outputOrdering
  override def supportsColumnar: Boolean = child.supportsColumnar
  override def vectorTypes: Option[Seq[String]] = child.vectorTypes

  override protected def doExecute(): RDD[InternalRow] = new GrantedRDD(child.execute(), principal, dataSources)

  override protected def doExecuteColumnar(): RDD[ColumnarBatch] =
    new GrantedRDD(child.executeColumnar(), principal, dataSources)

  override protected def withNewChildInternal(child: SparkPlan): GrantedScan = copy(child = child)
}

private final class GrantedRDD[T: scala.reflect.ClassTag](
    files: RDD[T], principal: String, dataSources: Seq[String]) extends RDD[T](files) {
  override protected def getPartitions: Array[Partition] = firstParent[T].partitions

  override def compute(split: Partition, context: TaskContext): Iterator[T] = {
    AuthorizerExecutor.ensureGrant(principal, dataSources)
    firstParent[T].iterator(split, context)
  }
}
