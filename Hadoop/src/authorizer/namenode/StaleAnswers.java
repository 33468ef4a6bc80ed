package authorizer.namenode;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The last answers about reads, for the failure mode {@code stale}. Bounded: the one not used for the longest goes
 * first. Safe for use by many threads.
 *
 * <p>An answer holds again only for the same principal and the same path, under the same cover, while no newer policy
 * version has been seen, and up to a stated age of the decision. One that rests on a grant is never kept, since the
 * question does not say which job asks.
 */
final class StaleAnswers {
  private static final int CAPACITY = 65_536;

  private final long greatestAgeNanos;
  private final LongSupplier nanoTime;
  private final Map<String, Kept> answers =
      new LinkedHashMap<String, Kept>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
          return size() > CAPACITY;
        }
      };
  private long newestPolicyVersion;

  /**
   * @param greatestAgeNanos up to which age of its decision an answer holds
   * @param nanoTime monotonic time in nanoseconds
   */
  StaleAnswers(long greatestAgeNanos, LongSupplier nanoTime) {
    this.greatestAgeNanos = greatestAgeNanos;
    this.nanoTime = nanoTime;
  }

  /** Keeps the answer that the service has just given while this cover was in force. */
  void keep(Question question, Answer answer, Cover cover) {
    String key = key(question);
    long decidedAt = nanoTime.getAsLong() - answer.ageMillis * 1_000_000;
    synchronized (this) {
      newestPolicyVersion = Math.max(newestPolicyVersion, answer.policyVersion);
      if (answer.reason == Reason.GRANT) {
        answers.remove(key);
      } else {
        answers.put(key, new Kept(answer, cover, decidedAt));
      }
    }
  }

  /**
   * The answer that still holds for the question while this cover is in force.
   *
   * @return null when there is none
   */
  Answer find(Question question, Cover cover) {
    String key = key(question);
    long now = nanoTime.getAsLong();
    synchronized (this) {
      Kept kept = answers.get(key);
      boolean holds =
          kept != null
              && kept.cover == cover
              && kept.answer.policyVersion == newestPolicyVersion
              && now - kept.decidedAt <= greatestAgeNanos;
      return holds ? kept.answer : null;
    }
  }

  /** The length keeps apart what the principal and the path would spell together. */
  private static String key(Question question) {
    return question.caller.principal.length() + ":" + question.caller.principal + question.path;
  }

  private static final class Kept {
    final Answer answer;
    final Cover cover;
    final long decidedAt;

    Kept(Answer answer, Cover cover, long decidedAt) {
      this.answer = answer;
      this.cover = cover;
      this.decidedAt = decidedAt;
    }
  }
}
