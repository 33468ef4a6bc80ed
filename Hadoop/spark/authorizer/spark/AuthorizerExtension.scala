package authorizer.spark

import org.apache.spark.sql.SparkSessionExtensions

/**
 * Makes queries show the rows and columns that the policies of the authorizer let their user see.
 *
 * To be named in `spark.sql.extensions`. `docs/spark.md` says what is read, what is refused, and what binds whom.
 */
class AuthorizerExtension extends (SparkSessionExtensions => Unit) {
  /** @throws IllegalStateException in a Spark that this jar is not for */
  override def apply(extensions: SparkSessionExtensions): Unit = {
    PlanNodes.check()
    // After everything is resolved, and before the plan is compared with what is cached: a rule of the optimizer would
    // come too late for that, and would apply again and again to its own work.
    extensions.injectPostHocResolutionRule(session => GovernRelations(session))
    extensions.injectCheckRule(session => CheckGoverned(session))
    extensions.injectCheckRule(session => CheckCode(session))
    extensions.injectOptimizerRule(_ => RemoveMarkers)
    extensions.injectColumnar(session => GovernScans(session))
  }
}
