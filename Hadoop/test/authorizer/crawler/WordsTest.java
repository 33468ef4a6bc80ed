package authorizer.crawler;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import org.junit.Test;

/** What an administrator is told of an exception. */
public class WordsTest {
  @Test
  public void causesAreNamedOnce() {
    IOException skew = new IOException("clock skew");
    assertEquals("login failed: clock skew", Words.of(new IOException("login failed\n\tat ...", skew)));
    assertEquals("clock skew", Words.of(new IOException("clock skew", new IOException("clock skew"))));
  }

  @Test
  public void whatHasNoMessageIsNamedByItsKind() {
    assertEquals("IOException", Words.of(new IOException()));
    assertEquals("NullPointerException", Words.of(new NullPointerException()));
    assertEquals("IllegalStateException: 7", Words.of(new IllegalStateException("7")));
  }

  @Test
  public void theyEnd() {
    assertTrue(Words.of(new IOException("x".repeat(10_000))).length() <= 2_000);
  }
}
