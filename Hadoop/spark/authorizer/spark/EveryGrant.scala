package authorizer.spark

import java.util.concurrent.{CompletableFuture, CompletionException}

import scala.util.{Failure, Success, Try}

import org.apache.spark.internal.Logging

/**
 * The grants of an application at the services of all NameNodes. A NameNode asks its own service, and any of them may be
 * the active one: by a grant of each, a job goes on when another one takes over.
 *
 * What a service gives counts at its own NameNode alone. So one grant is enough to begin with, and one service that
 * refuses is a reason not to: it has other policies than the one by which the query was planned.
 */
final class EveryGrant(members: Seq[EveryGrant.Member]) extends Logging {
  import EveryGrant._

  /**
   * Makes sure that files of these data sources can be read for a while.
   *
   * A service that could not be had when it was asked last is asked again, and not waited for while another one gives
   * a grant.
   *
   * @return the grants, one of each service that has given one; or RefusedException, UnavailableException
   */
  def ensure(principal: String, dataSources: Seq[String]): CompletableFuture[Seq[Grant]] = {
    val asked = members.map(member => Asked(member.isAway, asking(member, principal, dataSources)))
    val outcome = new CompletableFuture[Seq[Grant]]
    asked.foreach(_.answer.whenComplete((_, _) => conclude(asked, outcome)))
    outcome
  }

  /** As [[GrantHolder.keepAlive]], everywhere. */
  def keepAlive(): CompletableFuture[Void] = everywhere(_.keepAlive())

  /** As [[GrantHolder.releaseUnused]], everywhere. */
  def releaseUnused(since: Long): CompletableFuture[Void] = everywhere(_.releaseUnused(since))

  /** As [[GrantHolder.end]], everywhere. */
  def end(): CompletableFuture[Void] = everywhere(_.end())

  private def everywhere(work: GrantHolder => CompletableFuture[Void]): CompletableFuture[Void] =
    CompletableFuture.allOf(members.map(member => work(member.holder)): _*)

  private def asking(member: Member, principal: String, dataSources: Seq[String]): CompletableFuture[Grant] =
    member.holder.ensure(principal, dataSources).whenComplete { (_, error) =>
      val isAway = unwrapped(error).isInstanceOf[UnavailableException]
      if (isAway != member.isAway && members.length > 1) {
        if (isAway) logWarning(s"no grants of the service at ${member.name}: ${unwrapped(error).getMessage}")
        else logInfo(s"the service at ${member.name} answers again")
      }
      member.isAway = isAway
    }

  /** Whenever one has answered. */
  private def conclude(asked: Seq[Asked], outcome: CompletableFuture[Seq[Grant]]): Unit = {
    val answers = asked.map(one => one.settled)
    val grants = answers.collect { case Some(Success(grant)) => grant }
    val failures = answers.collect { case Some(Failure(error)) => error }
    val waitsForNobody = asked.zip(answers).forall { case (one, answer) => answer.nonEmpty || one.wasAway }
    failures.find(!_.isInstanceOf[UnavailableException]) match {
      case Some(refusal) => outcome.completeExceptionally(refusal)
      case None if grants.nonEmpty && waitsForNobody => outcome.complete(grants)
      case None if failures.length == asked.length => outcome.completeExceptionally(failures.head)
      case None => ()
    }
  }
}

object EveryGrant {
  /** @param name of the service, in words for the log */
  final class Member(val name: String, val holder: GrantHolder) {
    /** Whether it could not be had when it was asked last. */
    @volatile private[EveryGrant] var isAway = false
  }

  private final case class Asked(wasAway: Boolean, answer: CompletableFuture[Grant]) {
    def settled: Option[Try[Grant]] =
      if (!answer.isDone) None
      else Some(Try(answer.join()).recoverWith { case error => Failure(unwrapped(error)) })
  }

  /** A future that another one made wraps what went wrong there. */
  private def unwrapped(error: Throwable): Throwable = error match {
    case wrapped: CompletionException if wrapped.getCause != null => unwrapped(wrapped.getCause)
    case other => other
  }
}
