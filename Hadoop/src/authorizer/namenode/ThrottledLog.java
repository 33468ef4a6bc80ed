package authorizer.namenode;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;

/** Warnings of one kind, at most one every ten seconds, each with the number of those held back. */
final class ThrottledLog {
  private static final long PAUSE = TimeUnit.SECONDS.toNanos(10);

  private final Logger log;
  private final AtomicLong next = new AtomicLong(System.nanoTime());
  private final AtomicLong heldBack = new AtomicLong();

  ThrottledLog(Logger log) {
    this.log = log;
  }

  /** Logs a warning, unless one was logged shortly before. */
  void warn(String message, Throwable cause) {
    long due = next.get();
    long now = System.nanoTime();
    if (now - due < 0 || !next.compareAndSet(due, now + PAUSE)) {
      heldBack.incrementAndGet();
      return;
    }
    long since = heldBack.getAndSet(0);
    log.warn(since == 0 ? message : message + " (and " + since + " times before)", cause);
  }
}
