package authorizer.namenode;

import java.io.IOException;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Open connections, each lent to one thread at a time; the one given back last is lent first. Bounded: who finds all of
 * them lent waits, at most until the deadline.
 */
final class ConnectionPool {
  private final Transport transport;
  private final Semaphore permits;
  private final Deque<ServiceConnection> idle = new ConcurrentLinkedDeque<>();
  private volatile boolean closed;

  /**
   * @param transport opens connections
   * @param greatest how many connections may be open for questions at once
   */
  ConnectionPool(Transport transport, int greatest) {
    this.transport = transport;
    this.permits = new Semaphore(greatest);
  }

  /** Lends a connection, an open one if there is one. It comes back by exactly one {@link #giveBack} or {@link #discard}. */
  ServiceConnection lend(Deadline deadline) throws IOException {
    acquire(deadline);
    ServiceConnection connection = idle.pollFirst();
    if (connection != null) {
      return connection;
    }
    boolean connected = false;
    try {
      connection = new ServiceConnection(transport.connect(deadline));
      connected = true;
      return connection;
    } finally {
      if (!connected) {
        permits.release();
      }
    }
  }

  /** Takes a connection back that may be used again. */
  void giveBack(ServiceConnection connection) {
    idle.addFirst(connection);
    permits.release();
    if (closed) {
      closeIdle();
    }
  }

  /** Takes a connection back that may not be used again. */
  void discard(ServiceConnection connection) {
    connection.close();
    permits.release();
  }

  /** Closes the connections that nobody uses: they led to a service that is gone. */
  void closeIdle() {
    for (ServiceConnection connection = idle.pollFirst(); connection != null; connection = idle.pollFirst()) {
      connection.close();
    }
  }

  /** Closes the idle connections, and every other as it comes back. */
  void close() {
    closed = true;
    closeIdle();
  }

  private void acquire(Deadline deadline) throws DeadlineException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (!permits.tryAcquire(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
            throw new DeadlineException();
          }
          return;
        } catch (InterruptedException interrupt) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
