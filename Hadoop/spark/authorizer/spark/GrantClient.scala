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

  /** Whether it is worth renewing: the second half of its life has begun. */
  def isHalfOver(now: Long): Boolean = endNanoseconds - now < lifetimeNanoseconds / 2
}

/**
 * Gets, renews and gives back grants.
 *
 * @param handles of the application's delegation tokens as they are now
 */
final class GrantClient(
    settings: AuthorizerSettings, nameservice: String, application: String, val handles: () => Seq[String]) {

  /** @throws RefusedException where the service gives none, and says why */
  def issue(principal: String, dataSources: Seq[String]): Grant = {
    val request = ServiceConnection.mapper.createObjectNode
    request.put("principal", principal).put("nameservice", nameservice)
    val tokens = handles()
    add(tokens, request)
    request.putObject("job").put("application", application)
    val names = request.putArray("dataSources")
    dataSources.foreach(name => names.add(name))
    perform("issue", ServiceConnection.mapper.createObjectNode.set[JsonNode]("_0", request), tokens)
  }

  /** With the tokens of now: a long application gets new ones. */
  def renew(grant: Grant): Grant = {
    val request = ServiceConnection.mapper.createObjectNode.put("id", grant.id)
    val tokens = handles()
    add(tokens, request)
    perform("renew", request, tokens)
  }

  def release(grant: Grant): Unit =
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
    val deadline = Deadline.in(settings.deadlineMilliseconds)
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
      val connection = settings.connect(deadline)
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
