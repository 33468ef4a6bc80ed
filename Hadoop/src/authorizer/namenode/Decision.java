package authorizer.namenode;

/** What an answer says of a question. */
enum Decision {
  /** Goes through although HDFS's own permissions would refuse it. */
  ALLOW(1),
  /** Refused, whatever HDFS's own permissions say. */
  DENY(2),
  /** HDFS's own permissions decide, as if there were no authorizer. */
  NATIVE(3);

  /** The number that stands for the decision on the wire. */
  final int code;

  Decision(int code) {
    this.code = code;
  }

  /**
   * The decision of a code.
   *
   * @return {@link #DENY} for every code that is not known: what cannot be understood is refused
   */
  static Decision of(int code) {
    if (code == ALLOW.code) {
      return ALLOW;
    }
    return code == NATIVE.code ? NATIVE : DENY;
  }
}
