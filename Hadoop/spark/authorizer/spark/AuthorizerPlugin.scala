package authorizer.spark

import java.util.{Collections, Map => JavaMap}
import java.util.concurrent.{ConcurrentHashMap, Executors}
import java.util.concurrent.TimeUnit.MILLISECONDS

import scala.util.control.NonFatal

import authorizer.grant.Nameservice
import org.apache.spark.SparkContext
import org.apache.spark.api.plugin.{DriverPlugin, ExecutorPlugin, PluginContext, SparkPlugin}
import org.apache.spark.internal.Logging
import org.apache.spark.scheduler.{SparkListener, SparkListenerJobEnd, SparkListenerJobStart}

/** Gets grants for the tables that an application reads. To be named in `spark.plugins`. */
class AuthorizerPlugin extends SparkPlugin {
  override def driverPlugin(): DriverPlugin = new AuthorizerDriver

  override def executorPlugin(): ExecutorPlugin = new AuthorizerExecutor
}

/** What executors ask the driver. */
sealed trait ExecutorQuestion extends Serializable

/** @param principal for whom the plan was made */
final case class EnsureGrant(principal: String, dataSources: Seq[String]) extends ExecutorQuestion

/** Answered by the bytes of the application's tokens. */
case object GiveTokens extends ExecutorQuestion

final class AuthorizerDriver extends DriverPlugin with Logging {
  private var context: SparkContext = _
  /** Made when it is first asked for: only then the application has its id. */
  private lazy val holder = {
    val authority = Authority.of(context)
    val nameservice = Option(Nameservice.of(context.hadoopConfiguration)).getOrElse(
      throw new IllegalStateException(s"no nameservice is configured; set spark.hadoop.${Nameservice.KEY}"))
    val client = new GrantClient(
      authority.settings, nameservice, context.applicationId, () => Tokens.own.map(Tokens.handle(_, nameservice)).sorted)
    new GrantHolder(client, authority.isPlanned)
  }
  @volatile private var isHolding = false
  private val running = ConcurrentHashMap.newKeySet[Int]
  /** When a job was last seen to run; the timer's own. */
  private var ranAt = System.nanoTime
  private val timer = Executors.newSingleThreadScheduledExecutor { task: Runnable =>
    val thread = new Thread(task, "authorizer-grants")
    thread.setDaemon(true)
    thread
  }

  override def init(context: SparkContext, plugin: PluginContext): JavaMap[String, String] = {
    this.context = context
    Tokens.fetch(context.hadoopConfiguration)
    context.addSparkListener(new SparkListener {
      override def onJobStart(start: SparkListenerJobStart): Unit = running.add(start.jobId)

      override def onJobEnd(end: SparkListenerJobEnd): Unit = running.remove(end.jobId)
    })
    timer.scheduleWithFixedDelay(() => keepAlive(), millisecondsBetweenLooks, millisecondsBetweenLooks, MILLISECONDS)
    // Nothing goes through Spark's configuration: it is shown.
    Collections.emptyMap()
  }

  private def keepAlive(): Unit =
    try if (isHolding) {
      val now = System.nanoTime
      if (!running.isEmpty) ranAt = now
      holder.keepAlive()
      // What the listener is told comes late: a job may run before it is known.
      if (now - ranAt > nanosecondsOfGrace) holder.releaseUnused(now - nanosecondsOfGrace)
    } catch { case NonFatal(error) => logWarning(s"grants could not be renewed: ${error.getMessage}") }

  override def receive(message: AnyRef): AnyRef = message match {
    case EnsureGrant(principal, dataSources) =>
      isHolding = true
      holder.ensure(principal, dataSources)
      null
    case GiveTokens => Tokens.write
  }

  override def shutdown(): Unit = {
    timer.shutdownNow()
    if (isHolding) holder.releaseAll()
  }

  private val millisecondsBetweenLooks = 500L
  private val nanosecondsOfGrace = 5000000000L
}

final class AuthorizerExecutor extends ExecutorPlugin {
  override def init(context: PluginContext, extra: JavaMap[String, String]): Unit = {
    AuthorizerExecutor.context = context
    // In local mode the driver's own.
    if (Tokens.own.isEmpty) context.ask(GiveTokens) match {
      case tokens: Array[Byte] => Tokens.add(tokens)
    }
  }
}

object AuthorizerExecutor {
  @volatile private var context: PluginContext = _

  /** Called by a task before it reads. */
  def ensureGrant(principal: String, dataSources: Seq[String]): Unit = {
    val driver = context
    if (driver == null) throw new IllegalStateException(
      "files of protected tables are read under a grant, and `spark.plugins` does not name authorizer.spark.AuthorizerPlugin")
    driver.ask(EnsureGrant(principal, dataSources))
  }
}
