package authorizer.spark

import java.util.{Collections, Map => JavaMap}
import java.util.concurrent.{CompletableFuture, ConcurrentHashMap, Executors, LinkedBlockingQueue, ScheduledExecutorService,
  ThreadFactory, ThreadPoolExecutor, TimeoutException}
import java.util.concurrent.TimeUnit.{MILLISECONDS, NANOSECONDS, SECONDS}

import scala.collection.mutable
import scala.util.control.NonFatal

import authorizer.grant.Nameservice
import org.apache.hadoop.security.UserGroupInformation
import org.apache.hadoop.security.token.Token
import org.apache.spark.{SparkConf, SparkContext}
import org.apache.spark.authorizer.GrantEndpoint
import org.apache.spark.api.plugin.{DriverPlugin, ExecutorPlugin, PluginContext, SparkPlugin}
import org.apache.spark.internal.Logging
import org.apache.spark.scheduler.{SparkListener, SparkListenerJobEnd, SparkListenerJobStart}

/** Gets grants for the tables that an application reads. To be named in `spark.plugins`. */
class AuthorizerPlugin extends SparkPlugin {
  override def driverPlugin(): DriverPlugin = new AuthorizerDriver

  override def executorPlugin(): ExecutorPlugin = new AuthorizerExecutor
}

object AuthorizerPlugin {
  /** After how many nanoseconds the application gets new tokens: long before one ends that nobody renews. */
  private[spark] def tokenInterval(conf: SparkConf): Long =
    conf.getTimeAsMs("spark.authorizer.tokens", "6h") * 1000000

  private[spark] def timer(name: String): ScheduledExecutorService =
    Executors.newSingleThreadScheduledExecutor(daemon(name))

  /** So many threads at most, and none where there is nothing to do. */
  private[spark] def pool(name: String, threads: Int): ThreadPoolExecutor = {
    val pool = new ThreadPoolExecutor(threads, threads, 10, SECONDS, new LinkedBlockingQueue[Runnable], daemon(name))
    pool.allowCoreThreadTimeOut(true)
    pool
  }

  private def daemon(name: String): ThreadFactory = { task: Runnable =>
    val thread = new Thread(task, name)
    thread.setDaemon(true)
    thread
  }
}

/**
 * What a task asks the driver, at its [[GrantEndpoint]]; answered by the ids of the grants, one of each service.
 *
 * @param principal for whom the plan was made
 */
final case class EnsureGrant(principal: String, dataSources: Seq[String])

/** What an executor asks the driver; answered by the bytes of the application's tokens. */
case object GiveTokens

final class AuthorizerDriver extends DriverPlugin with Logging {
  import AuthorizerDriver._

  private var context: SparkContext = _
  /** Made when it is first asked for: only then the application has its id. */
  private lazy val grants = {
    val authority = Authority.of(context)
    val nameservice = Option(Nameservice.of(context.hadoopConfiguration)).getOrElse(
      throw new IllegalStateException(s"no nameservice is configured; set spark.hadoop.${Nameservice.KEY}"))
    val settings = authority.settings
    new EveryGrant(settings.services.map { address =>
      val client = new GrantClient(
        address, settings.deadlineMilliseconds, nameservice, context.applicationId,
        () => tokens().map(Tokens.handle(_, nameservice)))
      new EveryGrant.Member(
        address.socket, new GrantHolder(client, authority.isPlanned, () => authority.newsSoFar, asks))
    })
  }
  /** Each thread waits for a service. */
  private val asks = AuthorizerPlugin.pool("authorizer-ask", mostAsks)
  @volatile private var isHolding = false
  private val running = ConcurrentHashMap.newKeySet[Int]
  /** When a job was last seen to run; the timer's own, as the next. */
  private var ranAt = System.nanoTime
  /** When new tokens are to be got; none where somebody else sees to that. */
  @volatile private var nextTokensAt = Option.empty[Long]
  private val had = mutable.ListBuffer.empty[Token[_]]
  /** Tokens that are about to be shown. */
  @volatile private var coming: Seq[Token[_]] = Nil
  private val timer = AuthorizerPlugin.timer("authorizer-grants")

  /**
   * The tokens of the application, those of before among them: a connection goes on with the token that it began with.
   */
  private def tokens(): Seq[Token[_]] = had.synchronized {
    (Tokens.own ++ coming).filterNot(had.contains).foreach(had += _)
    if (had.length > mostHandles) had.remove(0, had.length - mostHandles)
    had.toList
  }

  override def init(context: SparkContext, plugin: PluginContext): JavaMap[String, String] = {
    this.context = context
    // Where Spark has tokens, it sees to new ones, too.
    if (Tokens.own.isEmpty && Tokens.canFetch) {
      Tokens.show(Tokens.fetch(context.hadoopConfiguration))
      nextTokensAt = Some(System.nanoTime + AuthorizerPlugin.tokenInterval(context.getConf))
    }
    tokens()
    context.addSparkListener(new SparkListener {
      override def onJobStart(start: SparkListenerJobStart): Unit = running.add(start.jobId)

      override def onJobEnd(end: SparkListenerJobEnd): Unit = running.remove(end.jobId)
    })
    GrantEndpoint.open(context, question => ensure(question))
    timer.scheduleWithFixedDelay(() => look(), millisecondsBetweenLooks, millisecondsBetweenLooks, MILLISECONDS)
    // Nothing goes through Spark's configuration: it is shown.
    Collections.emptyMap()
  }

  private def ensure(question: EnsureGrant): CompletableFuture[Seq[String]] = {
    isHolding = true
    grants.ensure(question.principal, question.dataSources).thenApply(_.map(_.id))
  }

  private def look(): Unit = {
    tokens()
    trying("tokens could not be had anew")(rollOver())
    trying("grants could not be renewed")(if (isHolding) {
      val now = System.nanoTime
      if (!running.isEmpty) ranAt = now
      grants.keepAlive()
      // What the listener is told comes late: a job may run before it is known.
      if (now - ranAt > nanosecondsOfGrace) grants.releaseUnused(now - nanosecondsOfGrace)
    })
  }

  /** Gets new tokens in time. Grants are bound to them before they are shown. */
  private def rollOver(): Unit = nextTokensAt.filter(_ - System.nanoTime < 0).foreach { _ =>
    nextTokensAt = Some(System.nanoTime + nanosecondsBetweenTries)
    val fresh = Tokens.fetch(context.hadoopConfiguration)
    coming = Tokens.of(fresh)
    if (isHolding) await(grants.keepAlive())
    Tokens.show(fresh)
    coming = Nil
    nextTokensAt = Some(System.nanoTime + AuthorizerPlugin.tokenInterval(context.getConf))
  }

  private def trying(failure: String)(work: => Unit): Unit =
    try work
    catch { case NonFatal(error) => logWarning(s"$failure: ${error.getMessage}") }

  /** As long as it takes the service to answer, or not to; what is not done by then goes on. */
  private def await(work: CompletableFuture[Void]): Unit =
    try work.get(2 * Authority.of(context).settings.deadlineMilliseconds, MILLISECONDS)
    catch { case _: TimeoutException => logWarning("the service has not answered about grants in time") }

  override def receive(message: AnyRef): AnyRef = message match {
    case GiveTokens => Tokens.write
  }

  override def shutdown(): Unit = {
    timer.shutdownNow()
    if (isHolding) await(grants.end())
    asks.shutdown()
  }
}

object AuthorizerDriver {
  private val millisecondsBetweenLooks = 500L
  private val nanosecondsOfGrace = 5000000000L
  /** That a grant may be bound to. */
  private val mostHandles = 16
  /** Of all services, at the same time. */
  private val mostAsks = 32
  private val nanosecondsBetweenTries = 60000000000L
}

final class AuthorizerExecutor extends ExecutorPlugin with Logging {
  private var timer: Option[ScheduledExecutorService] = None

  override def init(context: PluginContext, extra: JavaMap[String, String]): Unit = {
    AuthorizerExecutor.isThere = true
    // In local mode the driver's own; elsewhere those that Spark has sent, or the driver's.
    if (Tokens.own.isEmpty) {
      val user = UserGroupInformation.getCurrentUser
      take(context, user)
      val interval = AuthorizerPlugin.tokenInterval(context.conf) / 4
      val thread = AuthorizerPlugin.timer("authorizer-tokens")
      thread.scheduleWithFixedDelay(() => takeLater(context, user), interval, interval, NANOSECONDS)
      timer = Some(thread)
    }
  }

  private def take(context: PluginContext, user: UserGroupInformation): Unit = context.ask(GiveTokens) match {
    case tokens: Array[Byte] => Tokens.add(tokens, user)
  }

  private def takeLater(context: PluginContext, user: UserGroupInformation): Unit =
    try take(context, user)
    catch { case NonFatal(error) => logWarning(s"the driver gives no tokens: ${error.getMessage}") }

  override def shutdown(): Unit = timer.foreach(_.shutdownNow())
}

object AuthorizerExecutor {
  @volatile private var isThere = false

  /** Called by a task before it reads; returns the ids of the grants under which it does, one of each service. */
  def ensureGrant(question: EnsureGrant): Seq[String] = {
    if (!isThere) throw new IllegalStateException(
      "files of protected tables are read under a grant, and `spark.plugins` does not name authorizer.spark.AuthorizerPlugin")
    GrantEndpoint.ask(question)
  }
}
