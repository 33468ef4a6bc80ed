package authorizer.namenode;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection that is not for questions: over it the service tells what is covered, the plug-in reports what it
 * answered by the failure mode, and each finds out whether the other is there. One thread of its own keeps it up.
 */
final class ControlConnection implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlConnection.class);

  private static final long SHORTEST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;
  private static final long TICK_MILLIS = 100;
  private static final long STEP_MILLIS = 5_000;
  private static final long PING_EVERY = TimeUnit.SECONDS.toNanos(10);
  private static final long PONG_WITHIN = TimeUnit.SECONDS.toNanos(5);
  private static final long REPORT_AGAIN_AFTER = TimeUnit.SECONDS.toNanos(1);
  private static final long REPORT_TAKEN_WITHIN = TimeUnit.SECONDS.toNanos(30);

  private final Transport transport;
  private final AtomicReference<Cover> cover;
  private final CoverFile file;
  private final ConnectionPool pool;
  private final Breaker breaker;
  private final ReportQueue reports;
  private final Counters counters;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final ThrottledLog unreachable = new ThrottledLog(LOG);
  private volatile ServiceConnection current;

  /**
   * @param cover where every new cover goes
   * @param file where it is kept as well; null for nowhere
   */
  ControlConnection(
      Transport transport,
      AtomicReference<Cover> cover,
      CoverFile file,
      ConnectionPool pool,
      Breaker breaker,
      ReportQueue reports,
      Counters counters) {
    this.transport = transport;
    this.cover = cover;
    this.file = file;
    this.pool = pool;
    this.breaker = breaker;
    this.reports = reports;
    this.counters = counters;
  }

  /** Keeps the connection up until {@link #stop}. */
  @Override
  public void run() {
    long pause = SHORTEST_PAUSE_MILLIS;
    while (!isStopped()) {
      Conversation conversation = null;
      try (ServiceConnection connection = new ServiceConnection(transport.connect(step()))) {
        current = connection;
        connection.greet(step());
        conversation = new Conversation(connection);
        counters.connected = true;
        LOG.info("connected to the authorizer");
        conversation.hold();
      } catch (IOException | RuntimeException failure) {
        if (!isStopped()) {
          unreachable.warn("no connection to the authorizer: " + failure.getMessage(), null);
        }
      } finally {
        counters.connected = false;
        pool.closeIdle();
      }
      pause = conversation != null && conversation.heardCover ? SHORTEST_PAUSE_MILLIS : pause;
      sleep(pause / 2 + ThreadLocalRandom.current().nextLong(pause));
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  /** Ends the connection and lets {@link #run} come to its end. */
  void stop() {
    stopped.countDown();
    ServiceConnection connection = current;
    if (connection != null) {
      connection.close();
    }
  }

  private boolean isStopped() {
    return stopped.getCount() == 0;
  }

  private void sleep(long millis) {
    try {
      stopped.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupt) {
      stop();
    }
  }

  private static Deadline step() {
    return Deadline.after(STEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** What is said over one connection from the welcome on. */
  private final class Conversation {
    private final ServiceConnection connection;
    private final CoverParts parts = new CoverParts();
    private int watch;
    private boolean heardCover;
    private boolean pinged;
    private long pingedAt = System.nanoTime();
    private boolean reported;
    private int report;
    private long reportedAt;
    private long reportDue = pingedAt;

    Conversation(ServiceConnection connection) {
      this.connection = connection;
    }

    /** Goes on until the connection breaks or {@link ControlConnection#stop}. */
    void hold() throws IOException {
      connection.begin(FrameType.WATCH);
      watch = connection.send(step());
      while (!isStopped()) {
        ping();
        report();
        try {
          hear(connection.receive(Deadline.after(TICK_MILLIS, TimeUnit.MILLISECONDS)));
        } catch (DeadlineException nothingHeard) {
          // A quiet service is a good one, as long as it answers pings.
        }
      }
    }

    private void hear(FrameReader frame) throws IOException {
      switch (frame.type()) {
        case FrameType.COVER:
          if (frame.request() != watch) {
            throw new WireException("a cover came that was not watched for");
          }
          take(parts.add(frame.body()));
          return;
        case FrameType.PONG:
          pinged = false;
          breaker.probeAnswered();
          return;
        case FrameType.REPORT_TAKEN:
          if (!reported || frame.request() != report) {
            throw new WireException("a report was taken that was not sent");
          }
          reported = false;
          reports.taken();
          return;
        case FrameType.ERROR:
          hear(ServiceErrorException.decode(frame.request(), frame.body()));
          return;
        default:
          throw new WireException("a frame of type " + frame.type() + " came unasked");
      }
    }

    private void hear(ServiceErrorException error) throws ServiceErrorException {
      if (error.endsConnection || !reported || error.request != report) {
        throw error;
      }
      reported = false;
      reportDue = System.nanoTime() + REPORT_AGAIN_AFTER;
      LOG.warn("the authorizer did not take a report: {}", error.getMessage());
      if (error.code == ServiceErrorException.MALFORMED_BODY) {
        reports.refused();
      }
    }

    private void take(Cover whole) throws IOException {
      if (whole == null) {
        return;
      }
      cover.set(whole);
      heardCover = true;
      LOG.info("the authorizer covers {} paths, by cover version {}", whole.entries, whole.version);
      if (file != null) {
        save();
      }
      connection.beginUnanswered(FrameType.COVER_TAKEN).u64(whole.version);
      connection.send(step());
    }

    private void save() {
      try {
        file.save(parts.frames());
      } catch (IOException failure) {
        LOG.warn("the cover could not be kept on disk: a NameNode that starts without the authorizer will not know it", failure);
      }
    }

    private void ping() throws IOException {
      long now = System.nanoTime();
      if (pinged && now - pingedAt > PONG_WITHIN) {
        throw new IOException("no answer to a ping");
      }
      if (pinged || !(breaker.isOpen() || now - pingedAt > PING_EVERY)) {
        return;
      }
      connection.begin(FrameType.PING);
      connection.send(step());
      pinged = true;
      pingedAt = now;
    }

    private void report() throws IOException {
      long now = System.nanoTime();
      if (reported && now - reportedAt > REPORT_TAKEN_WITHIN) {
        throw new IOException("no answer to a report");
      }
      if (reported || now - reportDue < 0 || !reports.hasReport()) {
        return;
      }
      reports.encode(connection.begin(FrameType.REPORT));
      report = connection.send(step());
      reported = true;
      reportedAt = now;
    }
  }
}
