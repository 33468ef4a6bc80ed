package authorizer.namenode;

/** How the plug-in answers about a covered path when the service's answer cannot be had in time. */
enum FailureMode {
  /** Ordinary users are refused. */
  DENY(1),
  /** The last known answer up to a stated age, and a refusal where there is none. */
  STALE(2),
  /** HDFS's own permissions decide. */
  NATIVE(3);

  /** The number that stands for the mode in a report ({@code docs/wire.md}). */
  final int code;

  FailureMode(int code) {
    this.code = code;
  }
}
