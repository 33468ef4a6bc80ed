package authorizer.spark

import java.io.IOException
import java.util.concurrent.ConcurrentHashMap

import scala.collection.JavaConverters._
import scala.util.control.NonFatal

import com.fasterxml.jackson.databind.JsonNode
import org.apache.hadoop.security.UserGroupInformation
import org.apache.spark.SparkContext
import org.apache.spark.internal.Logging
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan

/**
 * What the service says of this application's relations, kept for as long as it holds.
 *
 * What is kept ends with its time; when the service says that something changed; and when the stream ends on which it
 * would say so. While there is no such stream, nothing is kept.
 */
final class Authority(val settings: AuthorizerSettings, application: String) extends Logging {
  import Authority._

  private val kept = new ConcurrentHashMap[Key, Kept]
  /** Who is not bound by policies, and until when that is known. */
  private val unbound = new ConcurrentHashMap[String, java.lang.Long]
  /** In all keys together, or fewer. */
  private var keptPaths = 0
  /** Counts what made decisions of before doubtful: what was asked before and answered after is not kept. */
  @volatile private var edition = 0L
  private val services = new Services(settings.services, settings.deadlineMilliseconds)
  /** The streams on which the services say so, in their order. */
  private lazy val streams = settings.services.map(new Stream(_))

  /** What plans of this application read: grants are asked for nothing else. */
  private val planned = ConcurrentHashMap.newKeySet[(String, Seq[String])]

  def plan(ruling: Ruling): Unit = planned.add((ruling.principal, ruling.dataSources))

  def isPlanned(principal: String, dataSources: Seq[String]): Boolean = planned.contains((principal, dataSources))

  def principal: String = UserGroupInformation.getCurrentUser.getUserName

  /**
   * The rulings on sources, in their order: those not known yet with one question.
   *
   * @throws org.apache.spark.sql.AnalysisException where the service cannot be had, or refuses to answer
   */
  def rulings(sources: Seq[Source]): Seq[Ruling] = {
    val who = principal
    val now = System.nanoTime
    val found = sources.distinct.flatMap(source => known(who, source, now).map(source.paths -> _)).toMap
    val unknown = sources.filterNot(source => found.contains(source.paths)).groupBy(_.paths).map(_._2.head).toSeq
    val all = found ++ SparkCommands.questions(unknown).flatMap(ask(who, _))
    val rulings = sources.map(source => all(source.paths))
    rulings.find(_.dataSources.nonEmpty).foreach(ruling => ConnectServer.refuseUnguarded(settings, ruling.names))
    rulings
  }

  /** The ruling on a source, if it is known. */
  def known(source: Source): Option[Ruling] = known(principal, source, System.nanoTime)

  private def known(who: String, source: Source, now: Long): Option[Ruling] =
    Option(kept.get(Key(who, source.paths))).filter(_.end - now > 0).map(_.ruling)

  /** Whether it is known that policies do not bind who reads. */
  def isUnbound: Boolean =
    !unbound.isEmpty && Option(unbound.get(principal)).exists(_ - System.nanoTime > 0) && !ConnectServer.isServing

  /** Whether a plan is Spark's own business. */
  def leavesAlone(plan: LogicalPlan): Boolean = isUnbound && !Relations.in(plan).exists(_.isInstanceOf[Governed])

  private def ask(who: String, sources: Seq[Source]): Map[Seq[String], Ruling] = {
    val before = edition
    val isWatching = streams.map(_.isLive)
    val (answer, place) = try {
      services.perform(SparkCommands.lookUp(who, application, sources))
    } catch {
      case error: IOException =>
        throw Refusal(
          sources.map(_.paths.head).distinct.map(path => s"`$path`").mkString(", "),
          s"whether it is protected cannot be told: ${ServiceConnection.unavailable(error).getMessage} (unavailable)")
      case error: RefusedException => throw Refusal.inWords(error.getMessage)
    }
    val rulings = Ruling.all(answer)
    if (rulings.length != sources.length) throw Refusal.inWords("the service answered something else than was asked")
    val seconds = math.min(answer.required("maxAgeSeconds").longValue, settings.cacheSeconds)
    val found = sources.map(_.paths).zip(rulings)
    if (isWatching(place) && seconds > 0) keep(who, found, System.nanoTime + seconds * 1000000000L, before)
    found.toMap
  }

  /** Says what a query read. */
  def report(content: JsonNode): Unit = services.perform(SparkCommands.report(content))

  private def keep(who: String, found: Seq[(Seq[String], Ruling)], end: Long, before: Long): Unit = synchronized {
    if (edition != before) return
    // A stream names other files in each of its batches, which nobody asks about again.
    val paths = found.map(_._1.length).sum
    if (keptPaths + paths > mostKept) drop()
    keptPaths += paths
    found.foreach { case (paths, ruling) => kept.put(Key(who, paths), Kept(ruling, end)) }
    if (found.forall(!_._2.isGoverned)) unbound.put(who, end)
  }

  private def drop(): Unit = {
    kept.clear()
    unbound.clear()
    keptPaths = 0
  }

  /** Larger whenever there was news: what was decided before may not be so any more. */
  def newsSoFar: Long = edition

  /** Drops everything that is kept: the next look-ups ask anew. */
  def forgetAll(): Unit = synchronized {
    edition += 1
    drop()
  }

  /** News of one service. Policies are given to each by itself: what one of them says counts for all. */
  private final class Stream(service: ServiceAddress) {
    @volatile private var hasBegun = false
    private val thread = new Thread(() => while (true) {
      try follow()
      catch { case NonFatal(error) => logDebug(s"the stream of ${service.socket} ended: ${error.getMessage}") }
      // Whatever ends it, an error that ends this thread too: nothing is kept without news.
      finally if (hasBegun) {
        hasBegun = false
        forgetAll()
      }
      Thread.sleep(millisecondsBetweenTries)
    }, "authorizer-watch")
    thread.setDaemon(true)
    thread.start()

    /** Whether it would say so if something changed. */
    def isLive: Boolean = hasBegun

    private def follow(): Unit = {
      val connection = service.connect(Deadline.in(settings.deadlineMilliseconds))
      try {
        val request = connection.follow(SparkCommands.watch, Deadline.in(settings.deadlineMilliseconds))
        while (true) {
          connection.nextItem(request)
          // The first item says that from now on news come.
          forgetAll()
          hasBegun = true
        }
      } finally connection.close()
    }
  }
}

/**
 * How an application reaches the services. Set when it is submitted; nothing that a session sets later counts.
 *
 * @param services of all NameNodes
 * @param schemes of file systems, besides HDFS, whose paths the policies are about
 * @param asksForGrants whether the plug-in that gets them is there
 * @param refusesCode whether code of users is refused, where nobody is served by Spark Connect, too
 * @param isGuarded whether a Spark Connect server of this process has our door
 */
final case class AuthorizerSettings(
    services: Seq[ServiceAddress],
    deadlineMilliseconds: Long,
    cacheSeconds: Long,
    schemes: Set[String],
    asksForGrants: Boolean,
    refusesCode: Boolean,
    isGuarded: Boolean)

object Authority {
  private final case class Key(principal: String, paths: Seq[String])

  private final case class Kept(ruling: Ruling, end: Long)

  /** Paths. */
  private val mostKept = 10000
  private val millisecondsBetweenTries = 1000L
  private val byApplication = new ConcurrentHashMap[String, Authority]

  /** Of the application: one for all its sessions. */
  def of(context: SparkContext): Authority =
    byApplication.computeIfAbsent(context.applicationId, id => new Authority(settings(context), id))

  private def words(list: String): Seq[String] = list.split(',').map(_.trim).filter(_.nonEmpty).toSeq

  private def settings(context: SparkContext): AuthorizerSettings = {
    val conf = context.getConf
    val code = conf.get("spark.authorizer.code", "allow")
    if (code != "allow" && code != "refuse")
      throw new IllegalArgumentException(s"spark.authorizer.code is `$code`, and has to be `allow` or `refuse`")
    AuthorizerSettings(
      ServiceAddress.all(
        words(conf.get("spark.authorizer.socket", "/run/authorizer/authorizer.sock")),
        words(conf.get("spark.authorizer.service-principal", ""))),
      conf.getTimeAsMs("spark.authorizer.deadline", "5s"),
      conf.getTimeAsSeconds("spark.authorizer.cache", "600s"),
      words(conf.get("spark.authorizer.schemes", "")).toSet,
      words(conf.get("spark.plugins", "")).contains(classOf[AuthorizerPlugin].getName),
      code == "refuse",
      words(conf.get("spark.connect.grpc.interceptor.classes", "")).contains(ConnectServer.guard))
  }
}
