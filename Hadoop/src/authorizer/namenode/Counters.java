package authorizer.namenode;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ObjectName;

/** The plug-in's counters. Safe for use by many threads. */
final class Counters implements CountersMXBean {
  private static final String NAME = "Hadoop:service=NameNode,name=Authorizer";

  final LongAdder asked = new LongAdder();
  final LongAdder unprotected = new LongAdder();
  final LongAdder deadlineMissed = new LongAdder();
  final LongAdder failureDeny = new LongAdder();
  final LongAdder failureStale = new LongAdder();
  final LongAdder failureNative = new LongAdder();
  final LongAdder faults = new LongAdder();
  final LongAdder superuserReads = new LongAdder();

  /** Whether the control connection is up. */
  volatile boolean connected;

  private final LongAdder allowed = new LongAdder();
  private final LongAdder denied = new LongAdder();
  private final LongAdder leftNative = new LongAdder();
  private final LongAccumulator longestNanos = new LongAccumulator(Math::max, 0);
  private final Breaker breaker;
  private final ReportQueue reports;
  private final Supplier<Cover> cover;

  /**
   * @param cover gives the cover in force, or null
   */
  Counters(Breaker breaker, ReportQueue reports, Supplier<Cover> cover) {
    this.breaker = breaker;
    this.reports = reports;
    this.cover = cover;
  }

  /** Counts an answer that took so many nanoseconds. */
  void answered(Decision decision, long nanos) {
    (decision == Decision.ALLOW ? allowed : decision == Decision.DENY ? denied : leftNative).increment();
    longestNanos.accumulate(nanos);
  }

  /** Shows the counters by JMX. */
  void register() throws JMException {
    ManagementFactory.getPlatformMBeanServer().registerMBean(this, new ObjectName(NAME));
  }

  /** Takes back {@link #register}. */
  void unregister() throws JMException {
    try {
      ManagementFactory.getPlatformMBeanServer().unregisterMBean(new ObjectName(NAME));
    } catch (InstanceNotFoundException notRegistered) {
      // Another instance held the name when this one started.
    }
  }

  @Override
  public long getAsked() {
    return asked.sum();
  }

  @Override
  public long getAnswered() {
    return getAllowed() + getDenied() + getNative();
  }

  @Override
  public long getAllowed() {
    return allowed.sum();
  }

  @Override
  public long getDenied() {
    return denied.sum();
  }

  @Override
  public long getNative() {
    return leftNative.sum();
  }

  @Override
  public long getUnprotected() {
    return unprotected.sum();
  }

  @Override
  public long getDeadlineMissed() {
    return deadlineMissed.sum();
  }

  @Override
  public long getFailureDeny() {
    return failureDeny.sum();
  }

  @Override
  public long getFailureStale() {
    return failureStale.sum();
  }

  @Override
  public long getFailureNative() {
    return failureNative.sum();
  }

  @Override
  public long getFaults() {
    return faults.sum();
  }

  @Override
  public long getSuperuserReads() {
    return superuserReads.sum();
  }

  @Override
  public boolean isBreakerOpen() {
    return breaker.isOpen();
  }

  @Override
  public long getCoverVersion() {
    Cover known = cover.get();
    return known == null ? -1 : known.version;
  }

  @Override
  public int getCoverEntries() {
    Cover known = cover.get();
    return known == null ? 0 : known.entries;
  }

  @Override
  public boolean isConnected() {
    return connected;
  }

  @Override
  public int getReportsQueued() {
    return reports.size();
  }

  @Override
  public long getReportsNotKept() {
    return reports.notKept();
  }

  @Override
  public long getLongestQuestionMicros() {
    return TimeUnit.NANOSECONDS.toMicros(longestNanos.get());
  }
}
