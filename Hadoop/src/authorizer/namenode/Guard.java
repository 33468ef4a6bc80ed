package authorizer.namenode;

import java.util.function.Supplier;
import org.apache.hadoop.security.AccessControlException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rules on permission checks. Called with the namesystem's lock held: it takes no lock and waits for nothing but one
 * answer, and for that no longer than the deadline. Safe for use by many threads.
 */
final class Guard {
  private static final Logger LOG = LoggerFactory.getLogger(Guard.class);

  private final Supplier<Cover> covers;
  private final DecisionService service;
  private final TokenHandles handles;
  private final FailureRulings failures;
  private final Counters counters;
  private final ThrottledLog faults = new ThrottledLog(LOG);

  /**
   * @param covers gives the cover in force; null while none is known
   */
  Guard(
      Supplier<Cover> covers,
      DecisionService service,
      TokenHandles handles,
      FailureRulings failures,
      Counters counters) {
    this.covers = covers;
    this.service = service;
    this.handles = handles;
    this.failures = failures;
    this.counters = counters;
  }

  /**
   * Rules on a check, and carries the ruling out.
   *
   * @throws AccessControlException when it is refused; whatever else HDFS's own enforcer throws passes unchanged
   */
  void check(AccessCheck check) throws AccessControlException {
    Ruling ruling = ruleSafely(check);
    switch (ruling.kind) {
      case NATIVE:
        check.runNative();
        return;
      case ALLOW:
        check.runNativeBeyondRead();
        return;
      case NATIVE_FIRST:
        runNativeFirst(check);
        return;
      default:
        throw new AccessControlException(ruling.message);
    }
  }

  /** Hadoop 3 wraps what is no refusal, such as a symbolic link on the way, in a subclass: it is not to be overruled. */
  private void runNativeFirst(AccessCheck check) throws AccessControlException {
    try {
      check.runNative();
    } catch (AccessControlException refusal) {
      if (refusal.getClass() != AccessControlException.class) {
        throw refusal;
      }
      Answer answer = askToTraverseSafely(check);
      if (answer == null || answer.decision != Decision.ALLOW) {
        throw explained(refusal, answer);
      }
    }
  }

  /** HDFS's own refusal; where the policies have something to say to the reader, with their words after HDFS's. */
  private static AccessControlException explained(AccessControlException refusal, Answer answer) {
    if (answer == null || answer.message.isEmpty()) {
      return refusal;
    }
    AccessControlException explained = new AccessControlException(refusal.getMessage() + "; " + answer.message);
    explained.initCause(refusal.getCause());
    explained.setStackTrace(refusal.getStackTrace());
    return explained;
  }

  private Ruling ruleSafely(AccessCheck check) {
    try {
      return rule(check);
    } catch (VirtualMachineError beyondUs) {
      throw beyondUs;
    } catch (RuntimeException | Error fault) {
      note(fault);
      return failures.ofFault();
    }
  }

  private Answer askToTraverseSafely(AccessCheck check) {
    try {
      return askToTraverse(check);
    } catch (VirtualMachineError beyondUs) {
      throw beyondUs;
    } catch (RuntimeException | Error fault) {
      note(fault);
      return null;
    }
  }

  private void note(Throwable fault) {
    counters.faults.increment();
    faults.warn("a check failed for a fault of the plug-in", fault);
  }

  private Ruling rule(AccessCheck check) {
    if (!check.isWellFormed()) {
      return Ruling.deny("the NameNode asked for a check without a caller or an inode");
    }
    if (check.isTraversal()) {
      return Ruling.NATIVE_FIRST;
    }
    if (check.isFileWrite()) {
      CallTrail.current(check.caller()).write(check.path());
    }
    if (check.isFileRead()) {
      return ruleOnRead(check);
    }
    if (check.isRemoval()) {
      return ruleOnRemoval(check);
    }
    if (check.isCreation()) {
      return ruleOnCreation(check);
    }
    return Ruling.NATIVE;
  }

  private Ruling ruleOnRead(AccessCheck check) {
    HdfsPath path = check.path();
    Cover cover = covers.get();
    if (cover != null && cover.idOf(path) == Cover.NONE) {
      counters.unprotected.increment();
      return Ruling.NATIVE;
    }
    return ask(question(Operation.READ, check, path), check.permissions(), check, cover);
  }

  private Question question(Operation operation, AccessCheck check, HdfsPath path) {
    return Question.withHandles(operation, Caller.of(check.caller()), path, handles.of(check.caller()));
  }

  private Ruling ruleOnRemoval(AccessCheck check) {
    CallTrail trail = CallTrail.current(check.caller());
    HdfsPath path = check.path();
    trail.remove(path);
    return trail.written() == null ? Ruling.NATIVE : ruleOnMove(check, path, trail.written());
  }

  private Ruling ruleOnCreation(AccessCheck check) {
    HdfsPath source = CallTrail.current(check.caller()).takeRemoved();
    return source == null ? Ruling.NATIVE : ruleOnMove(check, source, check.path());
  }

  private Ruling ruleOnMove(AccessCheck check, HdfsPath source, HdfsPath destination) {
    Cover cover = covers.get();
    if (cover != null && staysCovered(cover, source, destination)) {
      return Ruling.NATIVE;
    }
    return ask(new Question(Operation.MOVE, Caller.of(check.caller()), source, destination), null, check, cover);
  }

  /** Whether all that a path holds is covered by the same data sources afterwards, or by none before. */
  private static boolean staysCovered(Cover cover, HdfsPath source, HdfsPath destination) {
    long id = cover.idOf(source);
    return !cover.hasEntryBelow(source) && (id == Cover.NONE || id == cover.idOf(destination));
  }

  /** The service's answer to a traversal that HDFS refused; null where nothing is covered, or there is no answer. */
  private Answer askToTraverse(AccessCheck check) {
    Cover cover = covers.get();
    HdfsPath path = check.path();
    if (cover == null || cover.idOf(path) == Cover.NONE) {
      return null;
    }
    try {
      return service.ask(question(Operation.TRAVERSE, check, path), null);
    } catch (UnavailableException unavailable) {
      return null;
    }
  }

  private Ruling ask(Question question, PathPermissions permissions, AccessCheck check, Cover cover) {
    if (cover == null) {
      return failures.ofUnknownCover(question);
    }
    try {
      Answer answer = service.ask(question, permissions);
      failures.answered(question, answer, cover);
      return Ruling.of(answer, question.path);
    } catch (UnavailableException unavailable) {
      return failures.ofSilence(question, check.caller().getShortUserName(), cover, unavailable.getMessage());
    }
  }
}
