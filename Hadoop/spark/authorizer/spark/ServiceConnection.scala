package authorizer.spark

import java.io.{EOFException, IOException}
import java.net.{StandardProtocolFamily, UnixDomainSocketAddress}
import java.nio.ByteBuffer
import java.nio.channels.{SelectionKey, Selector, SocketChannel}
import java.nio.charset.StandardCharsets.UTF_8

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}

/** The service cannot be had, or not in time. */
final class UnavailableException(message: String, cause: Throwable = null) extends IOException(message, cause)

/** What was asked was refused: the session may not ask it, or it is wrong. */
final class RefusedException(message: String) extends Exception(message)

/**
 * One connection to the service, as `docs/wire.md` has it. Used by one thread at a time.
 *
 * @param path of the service's socket
 * @param servicePrincipal of the service, which is shown a Kerberos ticket then; none where the uid says enough
 */
final class ServiceConnection(path: String, servicePrincipal: Option[String], deadline: Deadline) extends AutoCloseable {
  import ServiceConnection._

  private val channel =
    try SocketChannel.open(StandardProtocolFamily.UNIX)
    catch {
      case _: UnsupportedOperationException | _: LinkageError =>
        throw new UnavailableException("this Java has no Unix-domain sockets; run Spark on Java 17 or later")
    }
  private val selector = Selector.open()
  private var nextRequest = 1

  try {
    channel.connect(UnixDomainSocketAddress.of(path))
    channel.configureBlocking(false)
    channel.register(selector, SelectionKey.OP_READ)
    val name = "spark".getBytes(UTF_8)
    val hello = ByteBuffer.allocate(10 + name.length)
    hello.putInt(magic).putShort(version).putShort(version).putShort(name.length.toShort).put(name)
    send(helloType, 0, hello.array, deadline)
    val (kind, _, body) = receive(deadline)
    if (kind != welcomeType) throw new UnavailableException(s"the service does not welcome this session: ${words(kind, body)}")
    servicePrincipal.foreach(prove(_, deadline))
  } catch {
    case error: IOException =>
      close()
      throw unavailable(error)
    case error: Throwable =>
      close()
      throw error
  }

  /** Shows the application's Kerberos ticket, and makes sure that it is the service that takes it. */
  private def prove(servicePrincipal: String, deadline: Deadline): Unit = {
    send(proveType, proofRequest, Array.empty, deadline)
    val challenge = answer(challengeType, proofRequest, deadline)
    val proof = Tickets.prove(servicePrincipal, challenge, deadline)
    send(ticketType, proofRequest, proof.token, deadline)
    proof.finish(answer(provenType, proofRequest, deadline))
  }

  /** The result of a command, whole. */
  def perform(command: JsonNode, deadline: Deadline): JsonNode = {
    val request = start(command, deadline)
    val json = new java.io.ByteArrayOutputStream
    var isWhole = false
    while (!isWhole) {
      val body = result(request, deadline)
      json.write(body, 1, body.length - 1)
      isWhole = body(0) == lastPiece
    }
    val outcome = mapper.readTree(json.toByteArray)
    if (outcome.has("done")) outcome.get("done").get("_0")
    else throw new RefusedException(outcome.required("refused").required("_0").required("message").asText)
  }

  /** Begins a stream of items. */
  def follow(command: JsonNode, deadline: Deadline): Int = start(command, deadline)

  /** The next item of a stream, whenever it comes. */
  def nextItem(request: Int): JsonNode = {
    val body = result(request, Deadline.never)
    if (body(0) != item) throw new UnavailableException("the stream of the service ended")
    mapper.readTree(body, 1, body.length - 1)
  }

  override def close(): Unit = {
    selector.close()
    channel.close()
  }

  private def start(command: JsonNode, deadline: Deadline): Int = {
    val request = nextRequest
    nextRequest += 1
    val json = mapper.writeValueAsBytes(command)
    val body = new Array[Byte](json.length + 1)
    System.arraycopy(json, 0, body, 1, json.length)
    if (body.length > longestCommand) throw new RefusedException(s"a look-up of ${json.length} bytes is too long")
    send(commandType, request, body, deadline)
    request
  }

  private def result(request: Int, deadline: Deadline): Array[Byte] = {
    val body = answer(resultType, request, deadline)
    if (body.isEmpty) throw new UnavailableException("the service sent an empty result")
    body
  }

  /** The body of the answer to a request, which has to be of a type. */
  private def answer(expected: Byte, request: Int, deadline: Deadline): Array[Byte] = {
    val (kind, answered, body) = receive(deadline)
    if (kind == errorType && body.length >= 2 && refusals.contains(ByteBuffer.wrap(body).getShort.toInt))
      throw new RefusedException(words(kind, body))
    if (kind != expected || answered != request) throw new UnavailableException(words(kind, body))
    body
  }

  private def words(kind: Byte, body: Array[Byte]): String =
    if (kind != errorType || body.length < 5) s"the service sent a frame of type $kind"
    else new String(body, 5, math.min(body.length - 5, ByteBuffer.wrap(body).getShort(3) & 0xffff), UTF_8)

  private def send(kind: Byte, request: Int, body: Array[Byte], deadline: Deadline): Unit = {
    val frame = ByteBuffer.allocate(9 + body.length)
    frame.putInt(5 + body.length).put(kind).putInt(request).put(body).flip()
    while (frame.hasRemaining) if (channel.write(frame) == 0) await(SelectionKey.OP_WRITE, deadline)
  }

  private def receive(deadline: Deadline): (Byte, Int, Array[Byte]) = {
    val head = exactly(9, deadline)
    val length = head.getInt()
    if (length < 5 || length > longestFrame) throw new UnavailableException(s"the service sent a frame of $length bytes")
    val (kind, request) = (head.get(), head.getInt())
    (kind, request, exactly(length - 5, deadline).array)
  }

  private def exactly(count: Int, deadline: Deadline): ByteBuffer = {
    val buffer = ByteBuffer.allocate(count)
    while (buffer.hasRemaining) {
      val read = channel.read(buffer)
      if (read < 0) throw new EOFException("the service ended the connection")
      if (read == 0) await(SelectionKey.OP_READ, deadline)
    }
    buffer.flip()
    buffer
  }

  private def await(operation: Int, deadline: Deadline): Unit = {
    channel.keyFor(selector).interestOps(operation)
    selector.select(deadline.millisecondsLeft)
    selector.selectedKeys.clear()
  }
}

object ServiceConnection {
  val mapper = new ObjectMapper

  private val magic = 0x415a5221
  private val version: Short = 1
  private val helloType: Byte = 0x01
  private val welcomeType: Byte = 0x02
  private val errorType: Byte = 0x03
  private val commandType: Byte = 0x40
  private val resultType: Byte = 0x41
  private val proveType: Byte = 0x60
  private val challengeType: Byte = 0x61
  private val ticketType: Byte = 0x62
  private val provenType: Byte = 0x63
  /** `role-required` and `proof-refused`. */
  private val refusals = Set(6, 10)
  /** Requests of commands are numbered from 1 on. */
  private val proofRequest = 0
  private val lastPiece: Byte = 2
  private val item: Byte = 3
  private val longestFrame = 1 << 20
  private val longestCommand = 512 << 10

  def unavailable(error: IOException): UnavailableException = error match {
    case known: UnavailableException => known
    case other => new UnavailableException(s"the service cannot be reached: ${other.getMessage}", other)
  }
}

/** When waiting ends, by the monotonic clock. */
final class Deadline private (end: Long) {
  /** @return above 0, or 0 for ever, as `Selector.select` has it */
  def millisecondsLeft: Long = if (end == Long.MaxValue) 0 else {
    val left = (end - System.nanoTime) / 1000000
    if (left <= 0) throw new UnavailableException("the service did not answer in time")
    left
  }

  /** One that leaves as much time for each of several things, this one among them, that are done one after another. */
  def share(count: Int): Deadline =
    if (end == Long.MaxValue || count == 1) this
    else { val now = System.nanoTime; new Deadline(now + (end - now) / count) }

  /** Whether it is, or will be so soon. */
  def isOver(milliseconds: Long): Boolean = end != Long.MaxValue && end - System.nanoTime < milliseconds * 1000000
}

object Deadline {
  val never = new Deadline(Long.MaxValue)

  def in(milliseconds: Long): Deadline = new Deadline(System.nanoTime + milliseconds * 1000000)
}
