package strange

import org.apache.spark.sql.{Row, SparkSession, SparkSessionExtensions}
import org.apache.spark.sql.catalyst.{InternalRow, TableIdentifier}
import org.apache.spark.sql.catalyst.expressions.{Attribute, AttributeReference}
import org.apache.spark.sql.catalyst.plans.logical.{LeafNode, LogicalPlan, UnaryNode}
import org.apache.spark.sql.execution.{RDDScanExec, SparkPlan, SparkStrategy}
import org.apache.spark.sql.execution.command.LeafRunnableCommand
import org.apache.spark.sql.types.StringType
import org.apache.spark.unsafe.types.UTF8String

/** Nodes of plans that nobody has looked at, as a library may bring them along. */
class StrangeExtension extends (SparkSessionExtensions => Unit) {
  override def apply(extensions: SparkSessionExtensions): Unit =
    extensions.injectPlannerStrategy(_ => StrangeStrategy)
}

object StrangeStrategy extends SparkStrategy {
  override def apply(plan: LogicalPlan): Seq[SparkPlan] = plan match {
    case StrangeOperator(child) => Seq(planLater(child))
    case StrangeLeaf(relation, _) => Seq(planLater(relation))
    case StrangeFile(place, output) =>
      val lines = SparkSession.active.sparkContext.textFile(place)
      Seq(RDDScanExec(output, lines.map(line => InternalRow(UTF8String.fromString(line))), "strange"))
    case _ => Nil
  }
}

case class StrangeOperator(child: LogicalPlan) extends UnaryNode {
  override def output: Seq[Attribute] = child.output
  override protected def withNewChildInternal(child: LogicalPlan): StrangeOperator = copy(child = child)
}

/** Reads a relation that is none of its children. */
case class StrangeLeaf(relation: LogicalPlan, output: Seq[Attribute]) extends LeafNode {
  def this(relation: LogicalPlan) = this(relation, relation.output)
}

/** Reads a file that it names in a plain string. */
case class StrangeFile(place: String, output: Seq[Attribute]) extends LeafNode {
  def this(place: String) = this(place, Seq(AttributeReference("line", StringType)()))
}

/** Says what a table holds. */
case class StrangeCommand(table: TableIdentifier) extends LeafRunnableCommand {
  override val output: Seq[Attribute] = Seq(AttributeReference("said", StringType)())
  override def run(session: SparkSession): Seq[Row] = Seq(Row(session.catalog.listColumns(table.table).count().toString))
}
