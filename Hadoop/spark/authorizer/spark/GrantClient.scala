package authorizer.spark

import java.io.IOException

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.ObjectNode

/**
 * A grant as the service gave it.
 *
 * @param handles of the tokens that it is bound to
 */
final case class Grant(id: String, handles: Seq[String], endNanoseconds: Long, lifetimeNanoseconds: Long) {
  def isLive(now: Long): Boolean = endNanoseconds - now > 0

  /** Whether it is to be renewed: in the second half of its life, or not bound to a token that the application has. */
  def isDue(tokens: Seq[String], now: Long): Boolean =
    endNanoseconds - now < lifetimeNanoseconds / 2 || !tokens.forall(handles.contains)
}

/** Where grants come from. Each call may wait for the service, for a limited time. */
trait GrantService {
  /** Of the application's delegation tokens as they are now. */
  def handles(): Seq[String]

  /** @throws RefusedException where the service gives none, and says why */
  def issue(principal: String, dataSources: Seq[String], handles: Seq[String]): Grant

  /** @param handles to be bound to: a long application gets new tokens */
  def renew(grant: Grant, handles: Seq[String]): Grant

  def release(grant: Grant): Unit
}

/** Gets, renews and gives back grants over a service's socket. */
final class GrantClient(
    address: ServiceAddress, deadlineMilliseconds: Long, nameservice: String, application: String,
    tokens: () => Seq[String])
  extends GrantService {

  override def handles(): Seq[String] = tokens()

  override def issue(principal: String, dataSources: Seq[String], handles: Seq[String]): Grant = {
    val request = ServiceConnection.mapper.createObjectNode
    request.put("principal", principal).put("nameservice", nameservice)
    add(handles, request)
    request.putObject("job").put("application", application)
    val names = request.putArray("dataSources")
    dataSources.foreach(name => names.add(name))
    perform("issue", ServiceConnection.mapper.createObjectNode.set[JsonNode]("_0", request), handles)
  }

  override def renew(grant: Grant, handles: Seq[String]): Grant = {
    val request = ServiceConnection.mapper.createObjectNode.put("id", grant.id)
    add(handles, request)
    perform("renew", request, handles)
  }

  override def release(grant: Grant): Unit =
    perform("release", ServiceConnection.mapper.createObjectNode.put("id", grant.id), Nil, isWorthWaiting = false)

  private def add(handles: Seq[String], request: ObjectNode): Unit = {
    val list = request.putArray("handles")
    handles.foreach(handle => list.add(handle))
  }

  private def perform(
      name: String, content: JsonNode, handles: Seq[String], isWorthWaiting: Boolean = true): Grant = {
    val mapper = ServiceConnection.mapper
    val command = mapper.createObjectNode.set[JsonNode](
      "grant", mapper.createObjectNode.set[JsonNode]("_0", mapper.createObjectNode.set[JsonNode](name, content)))
    val deadline = Deadline.in(deadlineMilliseconds)
    if (isWorthWaiting) persistently(deadline)(once(command, handles, _)) else once(command, handles, deadline)
  }

  /** A service that is being started anew is waited for: a job need not fail of it. */
  private def persistently(deadline: Deadline)(work: Deadline => Grant): Grant =
    try work(deadline)
    catch {
      case error: UnavailableException =>
        if (deadline.isOver(millisecondsBetweenTries)) throw error
        Thread.sleep(millisecondsBetweenTries)
        persistently(deadline)(work)
    }

  private def once(command: JsonNode, handles: Seq[String], deadline: Deadline): Grant = {
    // Before the service is asked, so that ours ends no later than its own.
    val asked = System.nanoTime
    try {
      val connection = address.connect(deadline)
      try {
        val line = connection.perform(command, deadline)
        Grant(
          line.required("id").asText, handles, asked + line.required("expiresInMilliseconds").longValue * 1000000,
          line.required("lifetimeSeconds").longValue * 1000000000L)
      } finally connection.close()
    } catch {
      case error: IOException => throw ServiceConnection.unavailable(error)
    }
  }

  private val millisecondsBetweenTries = 100L
}
