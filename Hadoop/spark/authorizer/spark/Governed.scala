package authorizer.spark

import org.apache.spark.sql.catalyst.expressions.Attribute
import org.apache.spark.sql.catalyst.plans.logical.{LogicalPlan, UnaryNode}
import org.apache.spark.sql.catalyst.rules.Rule

/**
 * Marks a relation over which the policies have been put. Its child shows what the user may see; nothing below it is
 * looked at again unless the decision becomes another one.
 *
 * @param ruling by which
 * @param raw the relation as it was, to begin anew from
 */
case class Governed(child: LogicalPlan, ruling: Ruling, raw: Raw) extends UnaryNode {
  override def output: Seq[Attribute] = child.output

  override protected def stringArgs: Iterator[Any] = Iterator(ruling)

  override protected def withNewChildInternal(child: LogicalPlan): Governed = copy(child = child)
}

object Governed {
  /** Whether there is one, subqueries left aside. */
  def isIn(plan: LogicalPlan): Boolean = plan.isInstanceOf[Governed] || plan.children.exists(isIn)
}

/** A relation that has no part in comparing plans, nor in printing them. */
final class Raw(val relation: LogicalPlan) extends Serializable {
  override def equals(other: Any): Boolean = other.isInstanceOf[Raw]

  override def hashCode: Int = 0

  override def toString: String = ""
}

/** For the optimizer, which is to see through the policies as through any filter and projection. */
object RemoveMarkers extends Rule[LogicalPlan] {
  override def apply(plan: LogicalPlan): LogicalPlan =
    // The optimizer asks many times; most plans have none.
    if (Governed.isIn(plan)) plan.transformDown { case marker: Governed => unmarked(marker) } else plan

  private def unmarked(marker: Governed): LogicalPlan = marker.child match {
    case inner: Governed => unmarked(inner)
    case other => other
  }
}
