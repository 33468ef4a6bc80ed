package authorizer.namenode;

import java.io.Closeable;
import java.io.IOException;

/**
 * A connection on which the wire is spoken: it says hello before anything else, and matches answers to requests.
 *
 * <p>Used by one thread at a time. After any exception but a {@link ServiceErrorException} that leaves the connection
 * open, and a {@link DeadlineException} of {@link #receive}, it is of no further use.
 */
final class ServiceConnection implements Closeable {
  private static final long MAGIC = 0x415A5221L;
  private static final int VERSION = 1;
  private static final int ROLE_NAMENODE = 1;
  private static final String CLIENT = "authorizer-namenode/1";

  private final Connection connection;
  private final FrameReader in;
  private final FrameWriter out = new FrameWriter();
  private int lastRequest;
  private boolean welcomed;

  ServiceConnection(Connection connection) {
    this.connection = connection;
    this.in = new FrameReader(connection);
  }

  /** Whether the service has said welcome, which it says once. */
  boolean isWelcomed() {
    return welcomed;
  }

  /** Writes a {@code hello}. */
  static void encodeHello(FrameWriter out, int request, String client) throws UnsendableException {
    out.begin(FrameType.HELLO, request).u32(MAGIC).u16(VERSION).u16(VERSION).str(client).end();
  }

  /** Says hello and waits for the welcome. */
  void greet(Deadline deadline) throws IOException {
    encodeHello(out.clear(), ++lastRequest, CLIENT);
    flush(deadline);
    awaitWelcome(deadline);
  }

  /**
   * Asks one question. The first one on a connection goes out together with the hello, so that it costs no round trip
   * of its own. Where the service wants the permissions along the path, the question is asked a second time, with them.
   *
   * @param permissions null where they cannot be had
   * @throws ServiceErrorException when the service answers with an error
   */
  Answer ask(Question question, PathPermissions permissions, Deadline deadline) throws IOException {
    Answer answer = exchange(question, permissions, false, deadline);
    if (!answer.wantsPermissions) {
      return answer;
    }
    Answer second = permissions == null ? answer : exchange(question, permissions, true, deadline);
    if (second.wantsPermissions) {
      throw new WireException("the service wants permissions that were not offered, or that it has been told");
    }
    return second;
  }

  private Answer exchange(Question question, PathPermissions permissions, boolean tells, Deadline deadline)
      throws IOException {
    out.clear();
    if (!welcomed) {
      encodeHello(out, ++lastRequest, CLIENT);
    }
    int request = ++lastRequest;
    out.begin(FrameType.ASK, request).u16(1);
    if (tells) {
      question.encodeWith(permissions, out);
    } else if (permissions != null) {
      question.encodeOffering(out);
    } else {
      question.encode(out);
    }
    out.end();
    flush(deadline);
    if (!welcomed) {
      awaitWelcome(deadline);
    }
    in.next(deadline);
    if (in.request() != request) {
      throw new WireException("an answer is to request " + in.request() + ", not " + request);
    }
    FrameBody body = expect(FrameType.ANSWERS);
    int count = body.u16();
    if (count != 1) {
      throw new WireException(count + " answers came to one question");
    }
    Answer answer = Answer.decode(body);
    body.end();
    return answer;
  }

  /** Begins a frame under a new request id; {@link #send} writes it. */
  FrameWriter begin(int type) {
    return out.clear().begin(type, ++lastRequest);
  }

  /** Begins a frame that has no answer; {@link #send} writes it. */
  FrameWriter beginUnanswered(int type) {
    return out.clear().begin(type, 0);
  }

  /**
   * Ends the frame that was begun and writes it.
   *
   * @return its request id, if it has one
   */
  int send(Deadline deadline) throws IOException {
    out.end();
    flush(deadline);
    return lastRequest;
  }

  /**
   * Waits for the next frame, whatever it is.
   *
   * @throws DeadlineException when none came in time; the connection stays usable
   */
  FrameReader receive(Deadline deadline) throws IOException {
    in.next(deadline);
    return in;
  }

  /** Closes the connection, from whichever thread. */
  @Override
  public void close() {
    connection.close();
  }

  private void flush(Deadline deadline) throws IOException {
    connection.write(out.bytes(), deadline);
  }

  private void awaitWelcome(Deadline deadline) throws IOException {
    in.next(deadline);
    FrameBody body = expect(FrameType.WELCOME);
    int version = body.u16();
    body.u32();
    int roles = body.u8();
    body.u64();
    body.str();
    body.end();
    if (version != VERSION) {
      throw new WireException("the service chose version " + version + " of the wire, which was not offered");
    }
    if ((roles & ROLE_NAMENODE) == 0) {
      throw new WireException("the service does not give the NameNode's user the role `namenode`: see its configuration");
    }
    welcomed = true;
  }

  private FrameBody expect(int type) throws IOException {
    if (in.type() == FrameType.ERROR) {
      throw ServiceErrorException.decode(in.request(), in.body());
    }
    if (in.type() != type) {
      throw new WireException("a frame of type " + in.type() + " came where " + type + " was due");
    }
    return in.body();
  }
}
