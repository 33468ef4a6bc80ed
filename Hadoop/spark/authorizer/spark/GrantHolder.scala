package authorizer.spark

import java.util.concurrent.{CompletableFuture, Executor}

import scala.collection.mutable
import scala.util.{Failure, Success, Try}
import scala.util.control.NonFatal

import org.apache.spark.internal.Logging

/**
 * The grants of an application, in its driver: asked for when a task is about to read, renewed while jobs run, and given
 * back when none has for a while.
 *
 * Nothing here waits for the service: what is asked of it is asked by `asks`, under no lock. For one key there is one ask
 * at a time, and everybody who needs its answer gets it; other keys have asks of their own.
 *
 *  - '''News''' of policies while something is asked: who came before them gets the answer. Who comes after them waits,
 *    and then it is asked once more. So does who comes with a token that the ask does not know.
 *  - A grant that '''was revoked''', or has ended in another way, cannot be renewed. Another one is asked for in its
 *    place; if it is refused, everybody who waits is told why, and nothing is held any more.
 *  - When the application '''ends''', everything is given back, what comes of asks under way too, and nobody gets a grant.
 *
 * @param planned whether a plan of this application reads these data sources for this principal: what no plan reads, no
 *   code in an executor gets
 * @param news larger whenever policies have changed: a grant of before may have ended
 * @param asks runs what waits for the service, each time on a thread of its own
 */
final class GrantHolder(
    service: GrantService, planned: (String, Seq[String]) => Boolean, news: () => Long, asks: Executor)
  extends Logging {
  import GrantHolder._

  private val held = mutable.Map.empty[Key, Held]
  private var hasEnded = false

  /**
   * Makes sure that files of these data sources can be read for a while.
   *
   * @return the grant under which they can, at once or later; or RefusedException, UnavailableException where they cannot
   */
  def ensure(principal: String, dataSources: Seq[String]): CompletableFuture[Grant] =
    if (planned(principal, dataSources)) obtain(Key(principal, dataSources), System.nanoTime, mayAskAgain = true)
    else failed(new RefusedException(
      s"no query of this application reads ${dataSources.mkString(", ")} for `$principal`"))

  /**
   * Renews what is due, so that what was opened late in a long task is still covered.
   *
   * @return done when everything was tried: grants are bound to the tokens of now, where the service lets them
   */
  def keepAlive(): CompletableFuture[Void] = {
    val tokens = service.handles()
    val now = System.nanoTime
    val due = synchronized(held.toSeq.collect {
      case (key, one) if one.grant.exists(_.isDue(tokens, now)) => key -> one.usedAt
    })
    all(due.map { case (key, usedAt) => obtain(key, usedAt, mayAskAgain = false, needsNews = false) })
  }

  /** Gives back what was not used since a moment, by `System.nanoTime`, and is not being asked for. */
  def releaseUnused(since: Long): CompletableFuture[Void] = {
    val unused = synchronized {
      val unused = held.toSeq.filter { case (_, one) => one.usedAt - since < 0 && one.ask.isEmpty }
      held --= unused.map(_._1)
      unused
    }
    all(unused.flatMap(_._2.grant).map(giveBack))
  }

  /**
   * Gives back everything.
   *
   * @return done when what is asked for at this moment has been answered and given back, too
   */
  def end(): CompletableFuture[Void] = {
    val rest = synchronized {
      hasEnded = true
      val rest = held.values.toSeq
      held.clear()
      rest
    }
    all(rest.flatMap(one => one.ask.map(_.over).orElse(one.grant.map(giveBack))))
  }

  /**
   * @param usedAt when it is needed, by `System.nanoTime`
   * @param mayAskAgain whether it is worth asking once more when somebody else's ask, which began earlier, found no service
   * @param needsNews whether an answer of before the last news is too old
   */
  private def obtain(
      key: Key, usedAt: Long, mayAskAgain: Boolean, needsNews: Boolean = true): CompletableFuture[Grant] = {
    // Before the lock is taken: others may hold locks of their own there.
    val tokens = service.handles()
    val newsNow = news()
    val least = if (needsNews) newsNow else Long.MinValue
    val (answer, mine) = synchronized {
      if (hasEnded) (failed[Grant](ended), None)
      else {
        val one = held.getOrElseUpdate(key, new Held(usedAt))
        if (one.usedAt - usedAt < 0) one.usedAt = usedAt
        one.grant.filter(grant => one.news >= least && !grant.isDue(tokens, System.nanoTime)) match {
          case Some(grant) => (CompletableFuture.completedFuture(grant), None)
          case None =>
            one.ask match {
              case Some(other) if other.news >= least && tokens.forall(other.tokens.contains) =>
                (joined(other, key, usedAt, mayAskAgain, needsNews), None)
              case Some(other) =>
                (after(other.over)(obtain(key, usedAt, mayAskAgain, needsNews)), None)
              case None =>
                val ask = new Ask(newsNow, tokens)
                one.ask = Some(ask)
                (ask.answer, Some(one -> ask))
            }
        }
      }
    }
    mine.foreach { case (one, ask) => begin(key, one, ask) }
    answer
  }

  /** What somebody else asks: it may have begun so long ago that a service that is away then is back soon. */
  private def joined(
      other: Ask, key: Key, usedAt: Long, mayAskAgain: Boolean, needsNews: Boolean): CompletableFuture[Grant] =
    if (!mayAskAgain) other.answer
    else other.answer.handle[CompletableFuture[Grant]] { (_, error) =>
      error match {
        case _: UnavailableException => obtain(key, usedAt, mayAskAgain = false, needsNews)
        case _ => other.answer
      }
    }.thenCompose(identity(_))

  private def begin(key: Key, one: Held, ask: Ask): Unit =
    try asks.execute(() => carryOut(key, one, ask))
    catch { case NonFatal(error) => settle(key, one, ask, Failure(error)) }

  private def carryOut(key: Key, one: Held, ask: Ask): Unit = {
    val before = synchronized(one.grant)
    val outcome = Try(
      before.flatMap(renewed(_, ask)).getOrElse(
        Outcome(service.issue(key.principal, key.dataSources, ask.tokens), isConfirmed = true)))
    settle(key, one, ask, outcome)
  }

  private def settle(key: Key, one: Held, ask: Ask, outcome: Try[Outcome]): Unit = {
    val isWanted = synchronized {
      one.ask = None
      outcome match {
        case Success(Outcome(grant, isConfirmed)) =>
          one.grant = Some(grant)
          if (isConfirmed) one.news = ask.news
        case Failure(_) =>
          // The next one who needs it asks anew, and is told why there is none.
          held -= key
      }
      !hasEnded
    }
    // Under no lock: who has waited goes on in this thread.
    outcome match {
      case Success(Outcome(grant, _)) if isWanted => ask.answer.complete(grant)
      case Success(Outcome(grant, _)) =>
        release(grant)
        ask.answer.completeExceptionally(ended)
      case Failure(error) =>
        logWarning(s"no grant for ${key.dataSources.mkString(", ")}, for `${key.principal}`: ${error.getMessage}")
        ask.answer.completeExceptionally(error)
    }
  }

  /**
   * @return the grant as it was where the service cannot be had and it goes on for a while; none where it has ended, or
   *   cannot be bound to one more token: another one is to be had in its place
   */
  private def renewed(grant: Grant, ask: Ask): Option[Outcome] =
    try Some(Outcome(service.renew(grant, ask.tokens), isConfirmed = true))
    catch {
      case _: RefusedException => None
      case _: UnavailableException if grant.isLive(System.nanoTime) => Some(Outcome(grant, isConfirmed = false))
    }

  private def giveBack(grant: Grant): CompletableFuture[Void] =
    CompletableFuture.runAsync(() => release(grant), asks)

  private def release(grant: Grant): Unit =
    try service.release(grant)
    catch { case NonFatal(error) => logWarning(s"a grant could not be given back, and ends by itself: ${error.getMessage}") }
}

object GrantHolder {
  private final case class Key(principal: String, dataSources: Seq[String])

  /** What is held for one key. Touched under the holder's lock alone. */
  private final class Held(var usedAt: Long) {
    var grant = Option.empty[Grant]
    /** That the grant was confirmed after. */
    var news: Long = Long.MinValue
    var ask = Option.empty[Ask]
  }

  /**
   * @param news of which the answer knows
   * @param tokens that the grant is going to be bound to, by their handles
   */
  private final class Ask(val news: Long, val tokens: Seq[String]) {
    val answer = new CompletableFuture[Grant]

    /** When there is an answer, whatever it is. */
    def over: CompletableFuture[Void] = answer.handle[Void]((_, _) => null)
  }

  /** @param isConfirmed whether the service has said so now */
  private final case class Outcome(grant: Grant, isConfirmed: Boolean)

  private def ended = new RefusedException("the application ends, and gets no grants any more")

  private def failed[T](error: Throwable): CompletableFuture[T] = {
    val future = new CompletableFuture[T]
    future.completeExceptionally(error)
    future
  }

  private def after[T](first: CompletableFuture[Void])(next: => CompletableFuture[T]): CompletableFuture[T] =
    first.thenCompose(_ => next)

  /** Done when all are, whatever comes of them. */
  private def all[T](futures: Seq[CompletableFuture[T]]): CompletableFuture[Void] =
    CompletableFuture.allOf(futures.map(_.handle[Void]((_, _) => null)): _*)
}
