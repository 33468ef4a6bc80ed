package authorizer.namenode;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.net.unix.DomainSocket;

/**
 * Unix-domain sockets by Hadoop's own native library, for Java older than 16.
 *
 * <p>{@link DomainSocket} blocks. Reads and writes are bounded by the socket's time-outs, set anew before each; a
 * connect has none, and is therefore made by a thread of its own, which may wait while the asking thread does not.
 *
 * <p>The kernel counts time-outs in its ticks. A wait may end two of them after its deadline (8 ms at 250 a second), a
 * wait of more than 64 ticks an eighth of its length after it.
 */
final class DomainSocketTransport implements Transport {
  /** What is written at once: few enough bytes that the kernel takes them whole, and so waits once. */
  private static final int PIECE_BYTES = 8192;

  private static final long CONNECTOR_IDLE_SECONDS = 10;

  private final BlockingSocket.Dialer dialer;
  private final ThreadPoolExecutor connector =
      new ThreadPoolExecutor(
          1,
          1,
          CONNECTOR_IDLE_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          work -> {
            Thread thread = new Thread(work, "authorizer-connect");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param path of the service's socket
   */
  DomainSocketTransport(String path) {
    this(() -> new NativeSocket(DomainSocket.connect(path)));
  }

  /** Goes by sockets of another making. */
  DomainSocketTransport(BlockingSocket.Dialer dialer) {
    this.dialer = dialer;
    connector.allowCoreThreadTimeOut(true);
  }

  @Override
  public Connection connect(Deadline deadline) throws IOException {
    Attempt attempt = new Attempt();
    Future<?> done = connector.submit(() -> attempt.run(dialer));
    boolean interrupted = false;
    try {
      while (true) {
        try {
          done.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
          return new DomainConnection(attempt.take());
        } catch (InterruptedException interrupt) {
          interrupted = true;
        }
      }
    } catch (TimeoutException late) {
      attempt.abandon();
      throw new DeadlineException();
    } catch (ExecutionException failure) {
      throw new IOException(failure.getCause().getMessage(), failure.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** One connect, whose socket is closed when nobody waits for it any more. */
  private static final class Attempt {
    private BlockingSocket socket;
    private boolean abandoned;

    Void run(BlockingSocket.Dialer dialer) throws IOException {
      if (isAbandoned()) {
        return null;
      }
      BlockingSocket made = dialer.dial();
      synchronized (this) {
        if (!abandoned) {
          socket = made;
          return null;
        }
      }
      made.close();
      return null;
    }

    synchronized BlockingSocket take() {
      return socket;
    }

    void abandon() throws IOException {
      BlockingSocket made;
      synchronized (this) {
        abandoned = true;
        made = socket;
      }
      if (made != null) {
        made.close();
      }
    }

    private synchronized boolean isAbandoned() {
      return abandoned;
    }
  }

  private static final class DomainConnection implements Connection {
    private final BlockingSocket socket;

    DomainConnection(BlockingSocket socket) {
      this.socket = socket;
    }

    @Override
    public void write(ByteBuffer bytes, Deadline deadline) throws IOException {
      while (bytes.hasRemaining()) {
        int start = bytes.position();
        int count = Math.min(bytes.remaining(), PIECE_BYTES);
        int millis = (int) deadline.remainingMillis();
        try {
          socket.write(bytes.array(), bytes.arrayOffset() + start, count, millis);
        } catch (SocketTimeoutException late) {
          throw new DeadlineException();
        }
        bytes.position(start + count);
      }
    }

    @Override
    public int read(ByteBuffer into, Deadline deadline) throws IOException {
      int start = into.position();
      while (true) {
        int millis = (int) deadline.remainingMillis();
        try {
          int count = socket.read(into.array(), into.arrayOffset() + start, into.remaining(), millis);
          into.position(start + Math.max(count, 0));
          return count;
        } catch (SocketTimeoutException perhapsEarly) {
          // Not every clock is this one: the deadline itself says whether it has passed.
        }
      }
    }

    @Override
    public void close() {
      try {
        socket.close();
      } catch (IOException nothingToBeDone) {
        // The connection is given up either way.
      }
    }
  }

  private static final class NativeSocket implements BlockingSocket {
    private final DomainSocket socket;

    NativeSocket(DomainSocket socket) {
      this.socket = socket;
    }

    @Override
    public void write(byte[] bytes, int offset, int count, int millis) throws IOException {
      socket.setAttribute(DomainSocket.SEND_TIMEOUT, millis);
      socket.getOutputStream().write(bytes, offset, count);
    }

    @Override
    public int read(byte[] into, int offset, int count, int millis) throws IOException {
      socket.setAttribute(DomainSocket.RECEIVE_TIMEOUT, millis);
      return socket.getInputStream().read(into, offset, count);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
