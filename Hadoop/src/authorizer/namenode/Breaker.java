package authorizer.namenode;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Says whether to ask at all. It opens after a number of misses in a row; from then on nobody asks until a probe in the
 * background has found the service back. After that a single miss opens it again, and for twice as long, so that a
 * service that answers probes and nothing else costs ever fewer deadlines.
 */
final class Breaker {
  private static final long SHORTEST_HOLD = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LONGEST_HOLD = TimeUnit.SECONDS.toNanos(5);

  private final int limit;
  private final LongSupplier nanoTime;
  private volatile boolean open;
  private volatile int misses;
  private long openedAt;
  private long hold = SHORTEST_HOLD;

  /**
   * @param limit how many misses in a row open it, at least 1
   * @param nanoTime monotonic time in nanoseconds
   */
  Breaker(int limit, LongSupplier nanoTime) {
    this.limit = limit;
    this.nanoTime = nanoTime;
  }

  /** Whether nobody is to ask. */
  boolean isOpen() {
    return open;
  }

  /** A question was answered. */
  void answered() {
    if (misses != 0) {
      reset();
    }
  }

  /** An answer could not be had. */
  synchronized void missed() {
    if (open || ++misses < limit) {
      return;
    }
    open = true;
    openedAt = nanoTime.getAsLong();
  }

  /** The service answered a probe. Closes the breaker once it has been open for long enough. */
  synchronized void probeAnswered() {
    if (!open || nanoTime.getAsLong() - openedAt < hold) {
      return;
    }
    open = false;
    misses = limit - 1;
    hold = Math.min(2 * hold, LONGEST_HOLD);
  }

  private synchronized void reset() {
    if (!open) {
      misses = 0;
      hold = SHORTEST_HOLD;
    }
  }
}
