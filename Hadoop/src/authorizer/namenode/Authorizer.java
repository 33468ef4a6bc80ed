package authorizer.namenode;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.management.JMException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The plug-in at work: its parts put together, from start to stop. */
final class Authorizer {
  private static final Logger LOG = LoggerFactory.getLogger(Authorizer.class);
  private static final long STOP_WITHIN_MILLIS = 5_000;

  /** Rules on every check. */
  final Guard guard;

  final Counters counters;

  /** A NameNode has one, and its audit logger has no other way to it. */
  private static final AtomicReference<Authorizer> RUNNING = new AtomicReference<>();

  private final AtomicReference<Cover> cover = new AtomicReference<>();
  private final CoverFile file;
  private final ConnectionPool pool;
  private final ReportQueue reports;
  private final ControlConnection control;
  private final Thread controlThread;

  Authorizer(Settings settings, Transport transport) {
    file = settings.coverFile == null ? null : new CoverFile(settings.coverFile);
    pool = new ConnectionPool(transport, settings.greatestConnections);
    Breaker breaker = new Breaker(settings.breakerMisses, System::nanoTime);
    reports = new ReportQueue(new SecureRandom().nextLong(), settings.reportQueue);
    counters = new Counters(breaker, reports, cover::get);
    StaleAnswers lastKnown = new StaleAnswers(TimeUnit.SECONDS.toNanos(settings.staleAgeSeconds), System::nanoTime);
    guard =
        new Guard(
            cover::get,
            new DecisionService(pool, breaker, counters, settings.deadlineMillis),
            new TokenHandles(settings.nameservice),
            new FailureRulings(settings.failureMode, lastKnown, reports, counters),
            counters);
    control = new ControlConnection(transport, cover, file, pool, breaker, reports, counters);
    controlThread = new Thread(control, "authorizer-control");
    controlThread.setDaemon(true);
  }

  /** Takes up the last known cover, if there is one, and begins to look for the service. Does not wait for it. */
  void start() {
    loadCover();
    try {
      counters.register();
    } catch (JMException failure) {
      LOG.warn("the authorizer's counters are not shown by JMX", failure);
    }
    controlThread.start();
    RUNNING.set(this);
  }

  /** The one that was started last and not stopped; null if there is none. */
  static Authorizer running() {
    return RUNNING.get();
  }

  /** Keeps a read that HDFS did not ask about, if it may be of something covered. Waits for nothing. */
  void noteSuperuserRead(Caller caller, HdfsPath path) {
    Cover known = cover.get();
    if (known != null && known.idOf(path) == Cover.NONE && !path.isInodeNumber()) {
      return;
    }
    counters.superuserReads.increment();
    Question question = new Question(Operation.READ, caller, path, null);
    long now = System.currentTimeMillis();
    if (!reports.keep(new ReportedAnswer(now, Decision.NATIVE, Reason.SUPERUSER, null, question))) {
      reports.countNotKept();
    }
  }

  /** Lets go of the service. Checks that still come are ruled by the failure mode or over new connections. */
  void stop() {
    RUNNING.compareAndSet(this, null);
    control.stop();
    try {
      controlThread.join(STOP_WITHIN_MILLIS);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
    pool.close();
    try {
      counters.unregister();
    } catch (JMException failure) {
      LOG.warn("the authorizer's counters are still shown by JMX", failure);
    }
  }

  private void loadCover() {
    if (file == null) {
      return;
    }
    try {
      Cover kept = file.load();
      if (kept != null) {
        cover.set(kept);
        LOG.info("the last known cover is of version {} and has {} paths", kept.version, kept.entries);
      }
    } catch (IOException failure) {
      LOG.warn("the last known cover cannot be taken up: {}", failure.getMessage());
    }
  }
}
