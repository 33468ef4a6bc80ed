package authorizer.namenode;

import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertSame;

import java.util.concurrent.TimeUnit;
import org.junit.Test;

public class StaleAnswersTest {
  private static final Cover COVER = new Cover.Builder(1).build();

  private long now = 0;
  private final StaleAnswers answers = new StaleAnswers(TimeUnit.SECONDS.toNanos(600), () -> now);

  @Test
  public void holdUpToTheirAge() {
    Answer answer = answer(42, 0);
    answers.keep(question("alice", "/f"), answer, COVER);
    now += TimeUnit.SECONDS.toNanos(600);
    assertSame(answer, answers.find(question("alice", "/f"), COVER));
    now++;
    assertNull(answers.find(question("alice", "/f"), COVER));
  }

  @Test
  public void ageInTheServicesCacheCounts() {
    answers.keep(question("alice", "/f"), answer(42, 500_000), COVER);
    now += TimeUnit.SECONDS.toNanos(101);
    assertNull(answers.find(question("alice", "/f"), COVER));
  }

  @Test
  public void aFreshAnswerTakesThePlaceOfTheLast() {
    Answer fresh = answer(42, 0);
    answers.keep(question("alice", "/f"), answer(42, 0), COVER);
    answers.keep(question("alice", "/f"), fresh, COVER);
    assertSame(fresh, answers.find(question("alice", "/f"), COVER));
  }

  @Test
  public void principalAndPathAreNotConfused() {
    answers.keep(question("alice/x", "/f"), answer(42, 0), COVER);
    assertNull(answers.find(question("alice", "/x/f"), COVER));
  }

  @Test
  public void anotherCoverEndsThem() {
    answers.keep(question("alice", "/f"), answer(42, 0), COVER);
    assertNull(answers.find(question("alice", "/f"), new Cover.Builder(1).build()));
  }

  @Test
  public void theOldestUsedGoesFirst() {
    Answer kept = answer(42, 0);
    answers.keep(question("alice", "/kept"), kept, COVER);
    answers.keep(question("alice", "/gone"), answer(42, 0), COVER);
    for (int i = 0; i < 65_535; i++) {
      answers.find(question("alice", "/kept"), COVER);
      answers.keep(question("alice", "/" + i), answer(42, 0), COVER);
    }
    assertSame(kept, answers.find(question("alice", "/kept"), COVER));
    assertNull(answers.find(question("alice", "/gone"), COVER));
  }

  /** It is for one job, and the question does not say which job asks. */
  @Test
  public void whatAGrantAllowedIsNotKept() {
    answers.keep(question("alice", "/f"), answer(42, 0), COVER);
    answers.keep(question("alice", "/f"), new Answer(Decision.ALLOW, Reason.GRANT, false, false, false, 42, 0, "t", ""), COVER);
    assertNull(answers.find(question("alice", "/f"), COVER));
  }

  private static Answer answer(long policyVersion, long ageMillis) {
    return new Answer(Decision.ALLOW, Reason.SUBSCRIBED, false, ageMillis > 0, false, policyVersion, ageMillis, "sales", "");
  }

  private static Question question(String principal, String path) {
    return new Question(Operation.READ, new Caller(principal, null, null, null), HdfsPath.of(path), null);
  }
}
