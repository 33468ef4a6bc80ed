package authorizer.namenode;

import java.util.concurrent.TimeUnit;

/** A point of monotonic time ({@link System#nanoTime}). Immutable. */
final class Deadline {
  private final long nanoTime;

  private Deadline(long nanoTime) {
    this.nanoTime = nanoTime;
  }

  static Deadline after(long amount, TimeUnit unit) {
    return new Deadline(System.nanoTime() + unit.toNanos(amount));
  }

  /** Nanoseconds left; 0 or less once the deadline has passed. */
  long remainingNanos() {
    return nanoTime - System.nanoTime();
  }

  /**
   * Milliseconds left, rounded up so that a wait for them does not spin.
   *
   * @return at least 1
   * @throws DeadlineException once the deadline has passed
   */
  long remainingMillis() throws DeadlineException {
    long nanos = remainingNanos();
    if (nanos <= 0) {
      throw new DeadlineException();
    }
    return (nanos + 999_999) / 1_000_000;
  }
}
