package authorizer.namenode;

/** Why an answer is what it is: the codes and words of {@code docs/wire.md}. */
enum Reason {
  NOT_PROTECTED(1, "not-protected"),
  BAD_PATH(2, "bad-path"),
  IGNORED_USER(3, "ignored-user"),
  UNMAPPED_USER(4, "unmapped-user"),
  AMBIGUOUS_PRINCIPAL(5, "ambiguous-principal"),
  DISABLED_USER(6, "disabled-user"),
  DATA_OWNER(7, "data-owner"),
  GRANT(8, "grant"),
  RAW_TABLE_READ(9, "raw-table-read"),
  NOT_SUBSCRIBED(10, "not-subscribed"),
  OUTSIDE_PROJECT(11, "outside-project"),
  PURPOSE(12, "purpose"),
  POLICY(13, "policy"),
  SUBSCRIBED(14, "subscribed"),
  NOT_IN_CATALOGUE(15, "not-in-catalogue"),
  UNAVAILABLE(16, "unavailable"),
  AUDIT_UNAVAILABLE(17, "audit-unavailable"),
  LEAVES_COVER(18, "leaves-cover"),
  BAD_PRINCIPAL(19, "bad-principal"),
  SUPERUSER(20, "superuser"),
  SUBSCRIBED_UNCRAWLED(21, "subscribed-uncrawled");

  private static final Reason[] BY_CODE = new Reason[22];

  static {
    for (Reason reason : values()) {
      BY_CODE[reason.code] = reason;
    }
  }

  /** The number that stands for the reason on the wire. */
  final int code;

  /** The word that stands for the reason in messages and in the audit. */
  final String word;

  Reason(int code, String word) {
    this.code = code;
    this.word = word;
  }

  /**
   * The reason of a code.
   *
   * @return null for a code that this plug-in does not know
   */
  static Reason of(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }
}
