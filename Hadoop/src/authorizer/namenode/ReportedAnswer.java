package authorizer.namenode;

/**
 * A read that the service was not asked about, to be told to it later: one that was answered by the failure mode, or
 * one by a superuser. Immutable.
 */
final class ReportedAnswer {
  /** Bytes of what {@link #encode} writes before the question. */
  private static final int FIXED_BYTES = 11;

  private final long epochMillis;
  private final Decision decision;
  private final Reason reason;
  private final FailureMode mode;
  private final Question question;

  /**
   * @param epochMillis when it was answered, in milliseconds since 1970
   * @param mode the failure mode that was set; null of a superuser's read
   */
  ReportedAnswer(long epochMillis, Decision decision, Reason reason, FailureMode mode, Question question) {
    this.epochMillis = epochMillis;
    this.decision = decision;
    this.reason = reason;
    this.mode = mode;
    this.question = question;
  }

  /** Whether {@link #encode} will not fail. */
  boolean isSendable() {
    return question.isSendable();
  }

  /** Not fewer bytes than {@link #encode} writes. */
  int greatestBytes() {
    return FIXED_BYTES + question.greatestBytes();
  }

  /** Writes the event. */
  void encode(FrameWriter out) throws UnsendableException {
    out.u64(epochMillis).u8(decision.code).u8(reason.code).u8(mode == null ? 0 : mode.code);
    question.encode(out);
  }
}
