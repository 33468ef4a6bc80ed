package authorizer.namenode;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Answers by the failure mode that the service has not yet heard of. Bounded. Any thread may put in; one thread, that of
 * the control connection, takes out.
 *
 * <p>What was sent and not yet taken by the service is sent again, unchanged and under the same numbers, over the next
 * connection.
 */
final class ReportQueue {
  private static final int GREATEST_BATCH = 256;
  private static final int GREATEST_BATCH_BYTES = 512 * 1024;

  private final long reporter;
  private final int capacity;
  private final Queue<ReportedAnswer> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicLong notKept = new AtomicLong();

  private final List<ReportedAnswer> sent = new ArrayList<>();
  private long firstSent;
  private long notKeptSent;

  /**
   * @param reporter a number of this process's own
   * @param capacity how many answers are kept at most
   */
  ReportQueue(long reporter, int capacity) {
    this.reporter = reporter;
    this.capacity = capacity;
  }

  /**
   * Keeps an answer.
   *
   * @return false when there is no room, or the answer is such that it cannot be sent
   */
  boolean keep(ReportedAnswer answer) {
    if (!answer.isSendable()) {
      return false;
    }
    if (size.incrementAndGet() > capacity) {
      size.decrementAndGet();
      return false;
    }
    waiting.add(answer);
    return true;
  }

  /** Counts an answer that was given although it could not be kept. */
  void countNotKept() {
    notKept.incrementAndGet();
  }

  /** How many answers wait to be taken by the service. */
  int size() {
    return size.get();
  }

  /** How many answers were not kept, and the service does not know of it yet. */
  long notKept() {
    return notKept.get();
  }

  /** Whether there is something to tell. */
  boolean hasReport() {
    return size.get() > 0 || notKept.get() > 0;
  }

  /** Writes the body of the next report: the one that was sent last, unless it was {@link #taken}. */
  void encode(FrameWriter out) throws UnsendableException {
    if (sent.isEmpty() && notKeptSent == 0) {
      gather();
    }
    out.u64(reporter).u64(firstSent).u64(notKeptSent).u16(sent.size());
    for (ReportedAnswer answer : sent) {
      answer.encode(out);
    }
  }

  /** The service has the report that was sent last in its journal. */
  void taken() {
    // A report without events takes a number, too, by which the service knows it when it comes again.
    firstSent += sent.isEmpty() && notKeptSent > 0 ? 1 : sent.size();
    size.addAndGet(-sent.size());
    notKept.addAndGet(-notKeptSent);
    sent.clear();
    notKeptSent = 0;
  }

  /** The service will never take the report that was sent last: what it held counts as not kept. */
  void refused() {
    long lost = sent.size();
    taken();
    notKept.addAndGet(lost);
  }

  private void gather() {
    notKeptSent = notKept.get();
    int bytes = 0;
    for (ReportedAnswer next = waiting.peek(); next != null && sent.size() < GREATEST_BATCH; next = waiting.peek()) {
      bytes += next.greatestBytes();
      if (!sent.isEmpty() && bytes > GREATEST_BATCH_BYTES) {
        return;
      }
      sent.add(waiting.poll());
    }
  }
}
