package authorizer.namenode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.net.unix.DomainSocket;

/**
 * Unix-domain sockets by Hadoop's own native library, for Java older than 16.
 *
 * <p>{@link DomainSocket} blocks. Reads and writes are bounded by the socket's time-outs, set anew before each; a
 * connect has none, and is therefore made by a thread of its own, which may wait while the asking thread does not.
 */
final class DomainSocketTransport implements Transport {
  private final String path;
  private final ExecutorService connector =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "authorizer-connect");
            thread.setDaemon(true);
            return thread;
          });

  DomainSocketTransport(String path) {
    this.path = path;
  }

  @Override
  public Connection connect(Deadline deadline) throws IOException {
    Attempt attempt = new Attempt();
    Future<?> done = connector.submit(() -> attempt.run(path));
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
      throw new IOException(failure.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** One connect, whose socket is closed when nobody waits for it any more. */
  private static final class Attempt {
    private DomainSocket socket;
    private boolean abandoned;

    Void run(String path) throws IOException {
      if (isAbandoned()) {
        return null;
      }
      DomainSocket made = DomainSocket.connect(path);
      synchronized (this) {
        if (!abandoned) {
          socket = made;
          return null;
        }
      }
      made.close();
      return null;
    }

    synchronized DomainSocket take() {
      return socket;
    }

    void abandon() throws IOException {
      DomainSocket made;
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
    private final DomainSocket socket;

    DomainConnection(DomainSocket socket) {
      this.socket = socket;
    }

    @Override
    public void write(ByteBuffer bytes, Deadline deadline) throws IOException {
      socket.setAttribute(DomainSocket.SEND_TIMEOUT, (int) deadline.remainingMillis());
      try {
        socket.getOutputStream().write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        bytes.position(bytes.limit());
      } catch (IOException failure) {
        throw lateOr(failure, deadline);
      }
    }

    @Override
    public int read(ByteBuffer into, Deadline deadline) throws IOException {
      socket.setAttribute(DomainSocket.RECEIVE_TIMEOUT, (int) deadline.remainingMillis());
      try {
        int start = into.arrayOffset() + into.position();
        int count = socket.getInputStream().read(into.array(), start, into.remaining());
        into.position(into.position() + Math.max(count, 0));
        return count == 0 ? -1 : count;
      } catch (IOException failure) {
        throw lateOr(failure, deadline);
      }
    }

    private static IOException lateOr(IOException failure, Deadline deadline) {
      return deadline.remainingNanos() <= 0 ? new DeadlineException() : failure;
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
}
