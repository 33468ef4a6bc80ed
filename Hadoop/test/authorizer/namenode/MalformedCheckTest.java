package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.Collection;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.hdfs.server.namenode.INode;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributes;
import org.apache.hadoop.security.AccessControlException;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.Timeout;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;

/** Checks such as no NameNode should ask for, and faults of the plug-in's own: both end in a refusal. */
@RunWith(Parameterized.class)
public class MalformedCheckTest {
  @Rule public final Plugin plugin = new Plugin();
  @Rule public final Timeout timeout = Timeout.seconds(60);

  private final Shape shape;

  public MalformedCheckTest(Shape shape) {
    this.shape = shape;
  }

  @Parameters(name = "{0}")
  public static Collection<Object[]> shapes() {
    return Shape.present().stream().map(shape -> new Object[] {shape}).collect(Collectors.toList());
  }

  @Test
  public void emptyCheckIsRefused() throws Exception {
    plugin.start();
    assertRefused(check -> check.user = null);
    assertRefused(check -> check.inodes = null);
    assertRefused(check -> check.inodes = new INode[0]);
    assertRefused(check -> check.inodeAttrs = null);
    assertRefused(check -> check.inodeAttrs = new INodeAttributes[0]);
    assertEquals("these are no faults of the plug-in", 0, plugin.counters().getFaults());
  }

  @Test
  public void faultIsADenial() throws Exception {
    plugin.start();
    assertRefused(check -> check.components = new byte[][] {null, null, null});
    assertEquals(1, plugin.counters().getFaults());
    assertEquals(1, plugin.counters().getFailureDeny());
  }

  @Test
  public void faultIsLeftToHdfsInNative() throws Exception {
    plugin.with("authorizer.failure.mode", "native").start();
    Check check = read();
    check.components = new byte[][] {null, null, null};
    Recorder hdfs = shape.recorder();
    shape.run(check, plugin.provider.getExternalAccessControlEnforcer(hdfs));
    assertTrue(check.isSameAs(hdfs.checks.get(0)));
  }

  @Test
  public void faultWhileTraversingLeavesHdfssOwnRefusal() throws Exception {
    plugin.start();
    Check check = Check.ofFile("/data/sales/f");
    check.components = new byte[][] {null, null, null};
    Recorder hdfs = shape.recorder();
    hdfs.refusal = new AccessControlException("Permission denied");
    AccessControlException thrown =
        assertThrows(
            AccessControlException.class,
            () -> shape.run(check, plugin.provider.getExternalAccessControlEnforcer(hdfs)));
    assertEquals("Permission denied", thrown.getMessage());
  }

  private void assertRefused(Consumer<Check> malformation) {
    Check check = read();
    malformation.accept(check);
    Recorder hdfs = shape.recorder();
    assertThrows(
        AccessControlException.class, () -> shape.run(check, plugin.provider.getExternalAccessControlEnforcer(hdfs)));
    assertTrue("HDFS is asked nothing", hdfs.checks.isEmpty());
  }

  private static Check read() {
    return Check.ofFile("/data/sales/f").access(FsAction.READ);
  }
}
