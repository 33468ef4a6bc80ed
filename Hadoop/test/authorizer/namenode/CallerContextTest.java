package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;

import org.apache.hadoop.ipc.CallerContext;
import org.junit.After;
import org.junit.Test;

public class CallerContextTest {
  private static final boolean PRESENT = Classes.exists("org.apache.hadoop.ipc.CallerContext");

  @After
  public void clear() {
    claim(null);
  }

  @Test
  public void isPassedOnWhereHadoopHasIt() {
    claim("SPARK_DRIVER_app-1");
    assertEquals(PRESENT ? "SPARK_DRIVER_app-1" : null, Caller.of(Users.ALICE).context);
  }

  @Test
  public void isLeftOutWhenItIsTooLong() {
    claim("x".repeat(16_385));
    assertNull(Caller.of(Users.ALICE).context);
  }

  private static void claim(String context) {
    if (PRESENT) {
      Present.claim(context);
    }
  }

  /** Loaded only where Hadoop has the class that it names. */
  private static final class Present {
    static void claim(String context) {
      CallerContext.setCurrent(context == null ? null : new CallerContext.Builder(context).build());
    }
  }
}
