package authorizer.spark

import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.expressions.{CallMethodViaReflection, Expression, UserDefinedExpression}
import org.apache.spark.sql.catalyst.plans.logical.{CreateFunction, LogicalPlan, ScriptTransformation}
import org.apache.spark.sql.execution.command._

/**
 * Refuses what brings code or files of users into the driver or the executors, where policies are to bind: code can read
 * what a grant lets the application read, as it is. In a Spark Connect server always; elsewhere where
 * `spark.authorizer.code` is `refuse`.
 */
case class CheckCode(session: SparkSession) extends (LogicalPlan => Unit) {
  private lazy val settings = Authority.of(session.sparkContext).settings

  override def apply(plan: LogicalPlan): Unit =
    if (settings.refusesCode || ConnectServer.isServing) CheckCode.in(plan).foreach { what =>
      throw Refusal.inWords(s"$what is refused: sessions here take queries, and no code or files of users (policy)")
    }
}

object CheckCode {
  private def in(plan: LogicalPlan): Option[String] = plan.collectWithSubqueries {
    case command @ (_: AddJarsCommand | _: AddFilesCommand | _: AddArchivesCommand | _: CreateFunctionCommand |
        _: CreateFunction) => command.nodeName
    case _: ScriptTransformation => "TRANSFORM"
    case other if other.expressions.exists(_.exists(isCode)) => "a function that is no part of Spark"
  }.headOption

  private def isCode(expression: Expression): Boolean = expression match {
    case _: UserDefinedExpression | _: CallMethodViaReflection => true
    case _ => false
  }
}
