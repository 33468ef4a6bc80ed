package authorizer.spark

import scala.util.control.NonFatal

/**
 * Whether this process serves Spark Connect: then clients in other processes ask, and all of them read as the one user
 * that this process is.
 */
object ConnectServer {
  val guard = "authorizer.spark.ConnectGuard"

  /** `None` where Connect is not among the jars. */
  private lazy val service: Option[AnyRef] =
    try {
      val loader = Option(Thread.currentThread.getContextClassLoader).getOrElse(getClass.getClassLoader)
      val module = Class.forName("org.apache.spark.sql.connect.service.SparkConnectService$", true, loader)
      Some(module.getField("MODULE$").get(null))
    } catch { case _: ClassNotFoundException => None }

  def isServing: Boolean = service.exists { module =>
    // A version that does not say so counts as serving.
    try module.getClass.getMethod("server").invoke(module) != null
    catch { case NonFatal(_) => true }
  }

  /** @throws org.apache.spark.sql.AnalysisException where clients would read as somebody else than they are */
  def refuseUnguarded(settings: AuthorizerSettings, names: => String): Unit =
    if (!settings.isGuarded && isServing) throw Refusal(
      names, s"this process serves Spark Connect, and `spark.connect.grpc.interceptor.classes` does not name $guard, so that " +
        "whoever connects would read as one user (policy)")
}
