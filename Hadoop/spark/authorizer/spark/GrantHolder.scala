package authorizer.spark

import scala.collection.mutable
import scala.util.control.NonFatal

import org.apache.spark.internal.Logging

/**
 * The grants of an application, in its driver: asked for when a task is about to read, renewed while jobs run, and given
 * back when none has for a while.
 *
 * @param planned whether a plan of this application reads these data sources for this principal: what no plan reads, no
 *   code in an executor gets
 * @param news another number whenever policies have changed: a grant of before may have ended
 */
final class GrantHolder(client: GrantClient, planned: (String, Seq[String]) => Boolean, news: () => Long)
  extends Logging {
  private type Key = (String, Seq[String])

  private final class Held(val grant: Grant, val usedAt: Long, val news: Long)

  private val held = mutable.Map.empty[Key, Held]

  /**
   * Makes sure that files of these data sources can be read for a while.
   *
   * @return the grant under which they can
   * @throws UnavailableException, RefusedException where they cannot
   */
  def ensure(principal: String, dataSources: Seq[String]): Grant = synchronized {
    val key = (principal, dataSources)
    if (!planned(principal, dataSources))
      throw new RefusedException(s"no query of this application reads ${dataSources.mkString(", ")} for `$principal`")
    val (now, newsBefore) = (System.nanoTime, news())
    val grant = held.get(key) match {
      case Some(one) if one.news == newsBefore && !isDue(one.grant, now) => one.grant
      case Some(one) => renewed(one.grant).getOrElse(client.issue(principal, dataSources))
      case None => client.issue(principal, dataSources)
    }
    held(key) = new Held(grant, now, newsBefore)
    grant
  }

  /** Renews what is due, so that what was opened late in a long task is still covered. */
  def keepAlive(): Unit = synchronized {
    val now = System.nanoTime
    held.toSeq.filter { case (_, one) => isDue(one.grant, now) }.foreach { case (key @ (principal, dataSources), one) =>
      try held(key) = new Held(renewed(one.grant).getOrElse(client.issue(principal, dataSources)), one.usedAt, one.news)
      catch {
        // The next task that reads asks anew, and is told why there is none.
        case _: RefusedException => held -= key
      }
    }
  }

  /** Gives back what was not used since a moment. */
  def releaseUnused(since: Long): Unit = synchronized {
    held.toSeq.filter { case (_, one) => one.usedAt - since < 0 }.foreach { case (key, one) =>
      held -= key
      try client.release(one.grant)
      catch { case NonFatal(error) => logWarning(s"a grant could not be given back, and ends by itself: ${error.getMessage}") }
    }
  }

  def releaseAll(): Unit = releaseUnused(System.nanoTime + 1)

  /** In the second half of its life, or not bound to a token that the application has now. */
  private def isDue(grant: Grant, now: Long): Boolean =
    grant.isHalfOver(now) || !client.handles().forall(grant.handles.contains)

  /**
   * @return the grant as it was where the service cannot be had and it goes on for a while; none where it has ended, or
   *   cannot be bound to one more token: another one is to be had in its place
   */
  private def renewed(grant: Grant): Option[Grant] =
    try Some(client.renew(grant))
    catch {
      case _: RefusedException => None
      case _: UnavailableException if grant.isLive(System.nanoTime) => Some(grant)
    }
}
