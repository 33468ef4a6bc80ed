package authorizer.namenode;

/** What is to become of a check. Immutable. */
final class Ruling {
  /** HDFS's own enforcer decides, all arguments unchanged. */
  static final Ruling NATIVE = new Ruling(Kind.NATIVE, null);

  /** The read goes through; HDFS's own enforcer checks what is demanded beyond it. */
  static final Ruling ALLOW = new Ruling(Kind.ALLOW, null);

  /** HDFS's own enforcer decides, and the service is asked only if it refuses. */
  static final Ruling NATIVE_FIRST = new Ruling(Kind.NATIVE_FIRST, null);

  enum Kind {
    NATIVE,
    ALLOW,
    NATIVE_FIRST,
    DENY
  }

  final Kind kind;

  /** Words for the reader; null unless it is a denial. */
  final String message;

  private Ruling(Kind kind, String message) {
    this.kind = kind;
    this.message = message;
  }

  /** The check is refused in these words. */
  static Ruling deny(String message) {
    return new Ruling(Kind.DENY, message);
  }

  /** What an answer makes of the check of this path. */
  static Ruling of(Answer answer, HdfsPath path) {
    switch (answer.decision) {
      case ALLOW:
        return answer.nativeToo ? NATIVE : ALLOW;
      case NATIVE:
        return NATIVE;
      default:
        return deny(answer.message.isEmpty() ? unexplained(answer, path) : answer.message);
    }
  }

  private static String unexplained(Answer answer, HdfsPath path) {
    if (answer.reason == Reason.AUDIT_UNAVAILABLE) {
      return "reads of `" + path + "` cannot be audited at the moment, and are not allowed until they can ("
          + answer.reason.word + ")";
    }
    String reason = answer.reason == null ? "a reason that this plug-in does not know" : answer.reason.word;
    return "the authorizer denies `" + path + "`: " + reason;
  }
}
