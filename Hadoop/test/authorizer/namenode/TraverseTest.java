package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import org.apache.hadoop.security.AccessControlException;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.Timeout;

/** Checks that demand nothing but the way to a path. */
public class TraverseTest {
  @Rule public final Plugin plugin = new Plugin();
  @Rule public final Timeout timeout = Timeout.seconds(60);

  private final Recorder hdfs = new Recorder();

  @Before
  public void start() throws Exception {
    plugin.start();
    hdfs.refusal = new AccessControlException("Permission denied");
  }

  @Test
  public void whatHdfsAllowsIsNotAsked() throws Exception {
    hdfs.refusal = null;
    plugin.run(Check.ofFile("/data/sales/f"), hdfs);
    assertTrue(plugin.service.questions.isEmpty());
  }

  @Test
  public void refusalBelowTheCoverIsOverruledByAllow() throws Exception {
    plugin.run(Check.ofFile("/data/sales/f"), hdfs);
    AskedQuestion expected = new AskedQuestion(2, "alice@EXAMPLE.COM", "/data/sales/f", null, null, null, null);
    assertEquals(expected, ScriptedService.next(plugin.service.questions));
  }

  @Test
  public void missingLeafBelowTheCoverIsOverruledToo() throws Exception {
    plugin.run(Check.ofNothing("/data/sales/none"), hdfs);
    assertEquals("/data/sales/none", ScriptedService.next(plugin.service.questions).path());
  }

  @Test
  public void everyOtherAnswerLeavesHdfssOwnRefusal() {
    plugin.service.script = (peer, request, question) -> peer.send(Frames.leaveNative(request));
    assertRefusedByHdfs("/data/sales/f");
    plugin.service.script = (peer, request, question) -> peer.send(Frames.error(request, 9, false, "later"));
    assertRefusedByHdfs("/data/sales/f");
    plugin.service.script = (peer, request, question) -> peer.hangUp();
    assertRefusedByHdfs("/data/sales/f");
    assertEquals("a stat is not kept for the audit", 0, plugin.counters().getReportsQueued());
  }

  @Test
  public void readerIsToldWhatThePoliciesSayAfterHdfssOwnWords() {
    plugin.service.script = (peer, request, question) -> peer.send(Frames.deny(request, "ask the owners"));
    AccessControlException thrown =
        assertThrows(AccessControlException.class, () -> plugin.run(Check.ofFile("/data/sales/f"), hdfs));
    assertSame(AccessControlException.class, thrown.getClass());
    assertEquals("Permission denied; ask the owners", thrown.getMessage());
  }

  @Test
  public void outsideTheCoverNothingIsAsked() {
    assertRefusedByHdfs("/tmp/f");
    assertRefusedByHdfs("/data");
    assertTrue(plugin.service.questions.isEmpty());
  }

  /** As Hadoop 3 wraps a symbolic link, or a file in the place of a directory, on the way. */
  @Test
  public void whatIsNoRefusalIsNotOverruled() {
    hdfs.refusal = new WrappedException("/data/sales/link");
    assertRefusedByHdfs("/data/sales/link/f");
    assertTrue(plugin.service.questions.isEmpty());
  }

  private void assertRefusedByHdfs(String path) {
    AccessControlException thrown =
        assertThrows(AccessControlException.class, () -> plugin.run(Check.ofFile(path), hdfs));
    assertSame(hdfs.refusal, thrown);
  }

  private static final class WrappedException extends AccessControlException {
    private static final long serialVersionUID = 1L;

    WrappedException(String message) {
      super(message);
    }
  }
}
