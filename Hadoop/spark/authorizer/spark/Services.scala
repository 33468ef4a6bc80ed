package authorizer.spark

import java.io.IOException

import scala.annotation.tailrec

import com.fasterxml.jackson.databind.JsonNode

/**
 * A service, and how it is reached.
 *
 * @param socket path of its socket
 * @param principal of the service, where it is to be shown a Kerberos ticket; none where the uid says enough
 */
final case class ServiceAddress(socket: String, principal: Option[String]) {
  /** A new connection. */
  def connect(deadline: Deadline): ServiceConnection = new ServiceConnection(socket, principal, deadline)
}

object ServiceAddress {
  /**
   * @param sockets one for each NameNode's service
   * @param principals of the services, in the same order; one for all of them; or none
   */
  def all(sockets: Seq[String], principals: Seq[String]): Seq[ServiceAddress] = {
    if (sockets.isEmpty) throw new IllegalArgumentException("spark.authorizer.socket names no socket")
    if (sockets.distinct != sockets)
      throw new IllegalArgumentException("spark.authorizer.socket names a socket twice")
    if (principals.length > 1 && principals.length != sockets.length)
      throw new IllegalArgumentException(
        s"spark.authorizer.service-principal has ${principals.length} principals, and spark.authorizer.socket " +
          s"${sockets.length} sockets: name one for each, in the same order, or one for all")
    sockets.zipWithIndex.map { case (socket, place) =>
      ServiceAddress(socket, if (principals.length > 1) Some(principals(place)) else principals.headOption)
    }
  }
}

/** Asks services that say the same, beginning with the one that answered last. */
final class Services(val addresses: Seq[ServiceAddress], deadlineMilliseconds: Long) {
  /** By its place. */
  @volatile private var last = 0

  /**
   * What the first service says that can be had.
   *
   * @return with the place of the service
   * @throws IOException where none can be had in time
   * @throws RefusedException where one refuses; no other is asked then
   */
  def perform(command: JsonNode): (JsonNode, Int) = {
    val deadline = Deadline.in(deadlineMilliseconds)
    val first = last

    @tailrec def ask(tried: Int): (JsonNode, Int) = {
      val place = (first + tried) % addresses.length
      val left = addresses.length - tried
      val answer = try Some(once(place, command, deadline.share(left)))
      catch { case _: IOException if left > 1 => None }
      answer match {
        case Some(found) =>
          last = place
          (found, place)
        case None => ask(tried + 1)
      }
    }
    ask(0)
  }

  private def once(place: Int, command: JsonNode, deadline: Deadline): JsonNode = {
    val connection = addresses(place).connect(deadline)
    try connection.perform(command, deadline)
    finally connection.close()
  }
}
