package authorizer.spark

import org.apache.spark.sql.catalyst.analysis.{ResolveTimeZone, TypeCoercion}
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan
import org.apache.spark.sql.catalyst.rules.RuleExecutor
import org.apache.spark.sql.internal.SQLConf

/**
 * Gives the expressions of policies their types, by Spark's rules of coercion alone and under settings of our own:
 * neither the session's settings nor rules and functions that a user added have a say.
 */
object PolicyTypes extends RuleExecutor[LogicalPlan] {
  private lazy val settings = {
    val settings = new SQLConf
    settings.setConfString(SQLConf.SESSION_LOCAL_TIMEZONE.key, "UTC")
    settings.setConfString(SQLConf.ANSI_ENABLED.key, "false")
    settings
  }

  override protected def batches: Seq[Batch] =
    Seq(Batch("types", FixedPoint(100), TypeCoercion.typeCoercionRules :+ ResolveTimeZone: _*))

  /** @param plan made within, so that expressions that go by settings when they are made go by ours */
  def resolving(plan: => LogicalPlan): LogicalPlan = SQLConf.withExistingConf(settings) {
    val resolved = execute(plan)
    require(resolved.resolved, "an expression of a policy has no type")
    resolved
  }
}
