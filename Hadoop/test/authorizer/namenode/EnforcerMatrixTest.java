package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.security.AccessControlException;
import org.junit.Before;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.Timeout;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;

/** Every action on every kind of target in every shape: what is asked of the service, and what HDFS is asked. */
@RunWith(Parameterized.class)
public class EnforcerMatrixTest {
  private static final String FILE = "/data/sales/2024/part-0";

  /** Kinds of targets. */
  enum Target {
    FILE(() -> Check.ofFile(EnforcerMatrixTest.FILE), EnforcerMatrixTest.FILE),
    DIRECTORY(() -> Check.ofDirectory("/data/sales/2024"), null),
    ROOT(() -> Check.ofDirectory("/"), null),
    MISSING_LEAF(() -> Check.ofNothing("/data/sales/2024/none"), null),
    SNAPSHOT_FILE(() -> Check.ofFile("/data/sales/.snapshot/s1/f"), "/data/sales/.snapshot/s1/f"),
    SNAPSHOT_DIRECTORY(() -> Check.ofDirectory("/data/sales/.snapshot/s1"), null),
    SINGLE_INODE(() -> Check.ofSingleFile("/data/sales/f"), "/data/sales/f"),
    SINGLE_INODE_WITHOUT_COMPONENTS(() -> Check.ofSingleFile("/data/sales/f").withoutComponents(), "/data/sales/f"),
    NULL_PATH(() -> Check.ofFile(EnforcerMatrixTest.FILE).withoutPath(), EnforcerMatrixTest.FILE),
    NULL_COMPONENTS(() -> Check.ofFile(EnforcerMatrixTest.FILE).withoutComponents(), EnforcerMatrixTest.FILE),
    RESERVED_RAW(() -> Check.ofFile("/.reserved/raw/data/sales/f"), "/data/sales/f"),
    UNPROTECTED_FILE(() -> Check.ofFile("/data/salesman/f"), null);

    private final Supplier<Check> check;

    /** The path that is asked about when the target is read; null where nothing is asked. */
    private final String askedPath;

    Target(Supplier<Check> check, String askedPath) {
      this.check = check;
      this.askedPath = askedPath;
    }
  }

  /** Which of a check's demands the action is. */
  enum Demand {
    ACCESS {
      @Override
      Check put(Check check, FsAction action) {
        return check.access(action);
      }
    },
    PARENT {
      @Override
      Check put(Check check, FsAction action) {
        return check.parent(action);
      }
    },
    ANCESTOR {
      @Override
      Check put(Check check, FsAction action) {
        return check.ancestor(action);
      }
    },
    SUB {
      @Override
      Check put(Check check, FsAction action) {
        return check.sub(action);
      }
    },
    ACCESS_AND_ALL_OTHERS {
      @Override
      Check put(Check check, FsAction action) {
        return check.access(action).parent(FsAction.EXECUTE).ancestor(FsAction.EXECUTE).sub(FsAction.READ).owner();
      }
    };

    abstract Check put(Check check, FsAction action);
  }

  @ClassRule public static final Plugin plugin = new Plugin();
  @Rule public final Timeout timeout = Timeout.seconds(120);

  private final Shape shape;
  private final FsAction action;
  private final Target target;
  private final Demand demand;

  public EnforcerMatrixTest(Shape shape, Target target, Demand demand, FsAction action) {
    this.shape = shape;
    this.target = target;
    this.demand = demand;
    this.action = action;
  }

  @Parameters(name = "{0} {1} {2} {3}")
  public static Collection<Object[]> cases() {
    List<FsAction> actions = new ArrayList<>(List.of(FsAction.values()));
    actions.add(null);
    List<Object[]> cases = new ArrayList<>();
    for (Shape shape : Shape.present()) {
      for (Target target : Target.values()) {
        for (Demand demand : Demand.values()) {
          for (FsAction action : actions) {
            cases.add(new Object[] {shape, target, demand, action});
          }
        }
      }
    }
    return cases;
  }

  @BeforeClass
  public static void start() throws Exception {
    plugin.start();
  }

  @Before
  public void allowEverything() {
    plugin.service.script = (peer, request, question) -> peer.send(Frames.allow(request));
    plugin.service.questions.clear();
  }

  @Test
  public void allowGivesTheReadAndNothingElse() throws Exception {
    Check check = check();
    Recorder hdfs = run(check);
    if (!isAsked()) {
      assertUnchanged(check, hdfs);
      return;
    }
    FsAction rest = action.and(FsAction.WRITE_EXECUTE);
    if (demand == Demand.ACCESS && rest == FsAction.NONE) {
      assertTrue("HDFS is asked nothing", hdfs.checks.isEmpty());
    } else {
      assertUnchanged(check.clone().access(rest == FsAction.NONE ? null : rest), hdfs);
    }
    assertAsked();
  }

  @Test
  public void allowThatIntersectsLeavesNothingOut() throws Exception {
    plugin.service.script = (peer, request, question) -> peer.send(Frames.answer(request, 1, 14, 1, 42, "sales", ""));
    Check check = check();
    assertUnchanged(check, run(check));
  }

  @Test
  public void nativeLeavesEverythingToHdfs() throws Exception {
    plugin.service.script = (peer, request, question) -> peer.send(Frames.leaveNative(request));
    Check check = check();
    assertUnchanged(check, run(check));
    assertAsked();
  }

  @Test
  public void denyIsFinal() throws Exception {
    plugin.service.script = (peer, request, question) -> peer.send(Frames.deny(request, "ask the data office"));
    Check check = check();
    if (!isAsked()) {
      assertUnchanged(check, run(check));
      return;
    }
    Recorder hdfs = shape.recorder();
    AccessControlException refused = assertThrows(AccessControlException.class, () -> run(check, hdfs));
    assertEquals("ask the data office", refused.getMessage());
    assertTrue("HDFS is asked nothing", hdfs.checks.isEmpty());
    assertAsked();
  }

  @Test
  public void whatHdfsThrowsPassesUnchanged() throws Exception {
    plugin.service.script = (peer, request, question) -> peer.send(Frames.leaveNative(request));
    Recorder hdfs = shape.recorder();
    hdfs.refusal = new AccessControlException("Permission denied");
    assertSame(hdfs.refusal, assertThrows(AccessControlException.class, () -> run(check(), hdfs)));
    hdfs.refusal = new IllegalStateException("a symbolic link");
    assertSame(hdfs.refusal, assertThrows(IllegalStateException.class, () -> run(check(), hdfs)));
  }

  private Check check() {
    return demand.put(target.check.get(), action);
  }

  private Recorder run(Check check) throws AccessControlException {
    Recorder hdfs = shape.recorder();
    run(check, hdfs);
    return hdfs;
  }

  private void run(Check check, Recorder hdfs) throws AccessControlException {
    shape.run(check, plugin.provider.getExternalAccessControlEnforcer(hdfs));
  }

  private boolean isAsked() {
    boolean ofTarget = demand == Demand.ACCESS || demand == Demand.ACCESS_AND_ALL_OTHERS;
    return ofTarget && action != null && action.implies(FsAction.READ) && target.askedPath != null;
  }

  private void assertAsked() {
    AskedQuestion asked = plugin.service.questions.poll();
    AskedQuestion expected =
        isAsked() ? new AskedQuestion(1, "alice@EXAMPLE.COM", target.askedPath, null, null, null, null) : null;
    assertEquals(expected, asked == null ? null : asked.withoutPermissions());
    // A single inode does not say who may come to it.
    assertEquals(asked != null && !target.name().startsWith("SINGLE"), asked != null && asked.offersPermissions());
    assertTrue("no more than one question", plugin.service.questions.isEmpty());
  }

  private static void assertUnchanged(Check expected, Recorder hdfs) {
    assertEquals(1, hdfs.checks.size());
    assertTrue(expected + " and " + hdfs.checks.get(0), expected.isSameAs(hdfs.checks.get(0)));
  }
}
