package authorizer.namenode;

import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.Test;

public class BreakerTest {
  private long now = Long.MAX_VALUE - 1000;
  private final Breaker breaker = new Breaker(3, () -> now);

  @Test
  public void opensAfterMissesInARow() {
    breaker.missed();
    breaker.missed();
    breaker.answered();
    breaker.missed();
    breaker.missed();
    assertFalse(breaker.isOpen());
    breaker.missed();
    assertTrue(breaker.isOpen());
  }

  @Test
  public void probeClosesItOnceItWasOpenForAWhile() {
    open();
    breaker.probeAnswered();
    assertTrue(breaker.isOpen());
    pass(100);
    breaker.probeAnswered();
    assertFalse(breaker.isOpen());
  }

  @Test
  public void oneMissAfterAProbeOpensItForTwiceAsLong() {
    open();
    for (int hold = 100; hold < 10_000; hold *= 2) {
      pass(Math.min(hold, 5_000) - 1);
      breaker.probeAnswered();
      assertTrue(breaker.isOpen());
      pass(1);
      breaker.probeAnswered();
      assertFalse(breaker.isOpen());
      breaker.missed();
      assertTrue(breaker.isOpen());
    }
  }

  @Test
  public void anAnswerAfterAProbeForgivesEverything() {
    open();
    pass(100);
    breaker.probeAnswered();
    breaker.answered();
    breaker.missed();
    breaker.missed();
    assertFalse(breaker.isOpen());
    breaker.missed();
    pass(100);
    breaker.probeAnswered();
    assertFalse(breaker.isOpen());
  }

  @Test
  public void answersOfOldQuestionsDoNotCloseIt() {
    open();
    breaker.answered();
    assertTrue(breaker.isOpen());
  }

  private void open() {
    breaker.missed();
    breaker.missed();
    breaker.missed();
  }

  private void pass(long millis) {
    now += TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
