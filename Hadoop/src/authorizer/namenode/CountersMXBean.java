package authorizer.namenode;

/** What the plug-in has done since the NameNode started, as JMX shows it. Counts but for the last six. */
public interface CountersMXBean {
  /** Questions that were put to the service. */
  long getAsked();

  /** Questions that it answered in time. */
  long getAnswered();

  /** Answers that allowed. */
  long getAllowed();

  /** Answers that denied. */
  long getDenied();

  /** Answers that left it to HDFS. */
  long getNative();

  /** Reads of files that nothing covers, for which the service was not asked. */
  long getUnprotected();

  /** Questions that were not answered by the deadline. */
  long getDeadlineMissed();

  /** Denials by the failure mode. Zero on a healthy system. */
  long getFailureDeny();

  /** Last known answers given again by the failure mode. Zero on a healthy system. */
  long getFailureStale();

  /** What the failure mode left to HDFS. Zero on a healthy system. */
  long getFailureNative();

  /** Faults of the plug-in itself. Zero. */
  long getFaults();

  /** Superusers' reads of what is covered, told to the service. */
  long getSuperuserReads();

  /** Whether the service is not being asked, since it has not answered lately. */
  boolean isBreakerOpen();

  /** Version of the cover that reads go by; -1 while none is known. */
  long getCoverVersion();

  /** How many paths it covers. */
  int getCoverEntries();

  /** Whether the service can tell of a new cover at once. */
  boolean isConnected();

  /** Answers by the failure mode and superusers' reads that the service has not yet taken. */
  int getReportsQueued();

  /** Of these, those that could not be kept for the service, and that it has not been told the number of. */
  long getReportsNotKept();

  /** The longest that an answered question has taken, in microseconds. */
  long getLongestQuestionMicros();
}
