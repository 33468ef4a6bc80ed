package authorizer.namenode;

/** What the service says to one question. Immutable. */
final class Answer {
  private static final int NATIVE_TOO = 1;
  private static final int FROM_CACHE = 2;
  private static final int WANTS_PERMISSIONS = 4;
  private static final int KNOWN_FLAGS = NATIVE_TOO | FROM_CACHE | WANTS_PERMISSIONS;

  final Decision decision;

  /** Why; null for a reason that this plug-in does not know, and then the decision is a denial. */
  final Reason reason;

  /** HDFS's own permissions must allow as well. */
  final boolean nativeToo;

  /** The decision came from the service's cache. */
  final boolean fromCache;

  /** Nothing was decided: the same is to be asked again, with the permissions along the path. */
  final boolean wantsPermissions;

  /** Version of the policies that the decision was made under. */
  final long policyVersion;

  /** Milliseconds since the cached decision was made; 0 if it was made for this question. */
  final long ageMillis;

  /** Name of the data source; empty where there is none. */
  final String dataSource;

  /** Words for the reader where a read is refused; empty otherwise. */
  final String message;

  Answer(
      Decision decision,
      Reason reason,
      boolean nativeToo,
      boolean fromCache,
      boolean wantsPermissions,
      long policyVersion,
      long ageMillis,
      String dataSource,
      String message) {
    this.decision = decision;
    this.reason = reason;
    this.nativeToo = nativeToo;
    this.fromCache = fromCache;
    this.wantsPermissions = wantsPermissions;
    this.policyVersion = policyVersion;
    this.ageMillis = ageMillis;
    this.dataSource = dataSource;
    this.message = message;
  }

  /**
   * Reads one answer.
   *
   * @throws WireException when the bytes are not an answer; a decision or reason that is not known is no error but a
   *     denial, a flag that is not known is one, since it may take back what the decision gives
   */
  static Answer decode(FrameBody body) throws WireException {
    Decision decision = Decision.of(body.u8());
    Reason reason = Reason.of(body.u8());
    int flags = body.u8();
    if ((flags & ~KNOWN_FLAGS) != 0 || body.u8() != 0) {
      throw new WireException("an answer has flags that are not known");
    }
    long policyVersion = body.u64();
    long ageMillis = body.u32();
    String dataSource = body.str();
    String message = body.str();
    return new Answer(
        reason == null ? Decision.DENY : decision,
        reason,
        (flags & NATIVE_TOO) != 0,
        (flags & FROM_CACHE) != 0,
        (flags & WANTS_PERMISSIONS) != 0,
        policyVersion,
        ageMillis,
        dataSource,
        message);
  }
}
