package authorizer.crawler;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import org.junit.Test;

/** Which files are compared with HDFS's own answer. */
public class ChecksTest {
  private static Permission permission(int mode) {
    return new Permission("etl", "staff", mode, false);
  }

  @Test
  public void firstOfEachPermissionIsCompared() {
    Checks checks = new Checks(null, 10);
    assertTrue(checks.picks(permission(0644)));
    assertFalse(checks.picks(permission(0644)));
    assertTrue(checks.picks(permission(0600)));
    assertEquals(2, checks.made());
  }

  @Test
  public void nowAndThenAnotherOfTheSame() {
    Checks checks = new Checks(null, 10);
    for (int file = 0; file < 35_000; file++) {
      checks.picks(permission(0644));
    }
    assertEquals(4, checks.made());
  }

  @Test
  public void noMoreThanAskedFor() {
    Checks checks = new Checks(null, 3);
    for (int mode = 0; mode < 10; mode++) {
      checks.picks(permission(mode));
    }
    assertEquals(3, checks.made());
    assertFalse(new Checks(null, 0).picks(permission(0)));
  }
}
