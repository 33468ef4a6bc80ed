package authorizer.namenode;

/**
 * Rules by the failure mode, when the service's answer cannot be had. Every such ruling on a protected path is kept for
 * the audit. Safe for use by many threads.
 */
final class FailureRulings {
  private final FailureMode mode;
  private final StaleAnswers lastKnown;
  private final ReportQueue reports;
  private final Counters counters;

  FailureRulings(FailureMode mode, StaleAnswers lastKnown, ReportQueue reports, Counters counters) {
    this.mode = mode;
    this.lastKnown = lastKnown;
    this.reports = reports;
    this.counters = counters;
  }

  /** The service has answered: the answer may have to stand for a later one. */
  void answered(Question question, Answer answer, Cover cover) {
    if (mode == FailureMode.STALE && question.operation == Operation.READ) {
      lastKnown.keep(question, answer, cover);
    }
  }

  /**
   * Rules on a question about something covered that the service did not answer.
   *
   * @param shortName of the caller
   * @param why the words behind "the authorizer"
   */
  Ruling ofSilence(Question question, String shortName, Cover cover, String why) {
    if (cover.ignores(question.caller.principal) || cover.ignores(shortName)) {
      return leaveNativeKeptOrNot(question, Reason.IGNORED_USER);
    }
    if (mode == FailureMode.NATIVE && keep(question, Decision.NATIVE, Reason.UNAVAILABLE)) {
      counters.failureNative.increment();
      return Ruling.NATIVE;
    }
    Answer last = mode == FailureMode.STALE && question.operation == Operation.READ ? lastKnown.find(question, cover) : null;
    if (last != null && last.reason != null && keep(question, last.decision, last.reason)) {
      counters.failureStale.increment();
      return Ruling.of(last, question.path);
    }
    return deny(question, "the authorizer " + why, cover.contact);
  }

  /** Rules on a question that would be put if it were known what is covered. */
  Ruling ofUnknownCover(Question question) {
    if (mode == FailureMode.NATIVE) {
      return leaveNativeKeptOrNot(question, Reason.UNAVAILABLE);
    }
    return deny(question, "the authorizer has not yet said what is protected", "");
  }

  /** Rules on a check that the plug-in failed at by a fault of its own. */
  Ruling ofFault() {
    if (mode == FailureMode.NATIVE) {
      counters.failureNative.increment();
      return Ruling.NATIVE;
    }
    counters.failureDeny.increment();
    return Ruling.deny("the authorizer's plug-in failed at this check: see the NameNode's log");
  }

  private Ruling leaveNativeKeptOrNot(Question question, Reason reason) {
    if (!keep(question, Decision.NATIVE, reason)) {
      reports.countNotKept();
    }
    counters.failureNative.increment();
    return Ruling.NATIVE;
  }

  private Ruling deny(Question question, String why, String contact) {
    if (!keep(question, Decision.DENY, Reason.UNAVAILABLE)) {
      reports.countNotKept();
    }
    counters.failureDeny.increment();
    String denied =
        question.operation == Operation.MOVE
            ? "`" + question.path + "` cannot be moved to `" + question.destination + "`: "
            : "`" + question.path + "` cannot be read: ";
    return Ruling.deny(denied + why + ": try again later" + (contact.isEmpty() ? "" : ", or ask " + contact));
  }

  private boolean keep(Question question, Decision decision, Reason reason) {
    return reports.keep(new ReportedAnswer(System.currentTimeMillis(), decision, reason, mode, question));
  }
}
