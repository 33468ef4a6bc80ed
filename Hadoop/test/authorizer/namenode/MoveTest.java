package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.Timeout;

/** Renames and concats, as the checks that FSDirRenameOp and FSDirConcatOp make. */
public class MoveTest {
  @Rule public final Plugin plugin = new Plugin();
  @Rule public final Timeout timeout = Timeout.seconds(60);

  private UserGroupInformation user = Users.ALICE;

  @Before
  public void start() throws Exception {
    plugin.start();
    plugin.service.cover("/data/sales", "/data/hr", "/data/sales/2024/secret", "/single/file");
    plugin.service.awaitTaken();
    plugin.service.script =
        (peer, request, question) ->
            peer.send(
                question.operation() == 3
                    ? Frames.answer(request, 2, 18, 0, 42, "sales", "leaves the cover")
                    : Frames.allow(request));
    Calls.begin();
  }

  @After
  public void endCall() {
    Calls.end();
  }

  @Test
  public void renameOutOfTheCoverIsAsked() throws Exception {
    assertDenied(file("/data/sales/a"), Check.ofNothing("/tmp/a"));
    assertMove("/data/sales/a", "/tmp/a");
  }

  @Test
  public void renameIntoAnotherCoverIsAsked() throws Exception {
    assertDenied(file("/data/sales/a"), Check.ofNothing("/data/hr/a"));
    assertMove("/data/sales/a", "/data/hr/a");
  }

  @Test
  public void renameToTheTrashIsAsked() throws Exception {
    Check source = file("/data/sales/a").sub(FsAction.ALL);
    source.ignoreEmptyDir = true;
    assertDenied(source, Check.ofNothing("/user/alice/.Trash/Current/a"));
    assertMove("/data/sales/a", "/user/alice/.Trash/Current/a");
  }

  @Test
  public void renameOfADirectoryAboveTheCoverIsAsked() throws Exception {
    assertDenied(directory("/data"), Check.ofNothing("/data2"));
    assertMove("/data", "/data2");
  }

  @Test
  public void renameOfADirectoryThatHoldsAnotherCoverIsAskedThoughItStaysInItsOwn() throws Exception {
    assertDenied(directory("/data/sales/2024"), Check.ofNothing("/data/sales/2025"));
    assertMove("/data/sales/2024", "/data/sales/2025");
  }

  @Test
  public void renameOfTheCoveredPathItselfIsAsked() throws Exception {
    assertDenied(file("/single/file"), Check.ofNothing("/single/other"));
    assertMove("/single/file", "/single/other");
  }

  @Test
  public void renameOverAnExistingDestinationIsAsked() throws Exception {
    assertDenied(file("/data/sales/a"), Check.ofFile("/tmp/a"));
    assertMove("/data/sales/a", "/tmp/a");
  }

  @Test
  public void renameWithinOneCoverIsNotAsked() throws Exception {
    assertNative(file("/data/sales/a"), Check.ofNothing("/data/sales/sub/a"));
  }

  @Test
  public void renameIntoTheCoverIsNotAsked() throws Exception {
    assertNative(file("/tmp/a"), Check.ofNothing("/data/sales/a"));
  }

  @Test
  public void renameOutsideEveryCoverIsNotAsked() throws Exception {
    assertNative(file("/tmp/a"), Check.ofNothing("/tmp/b"));
  }

  @Test
  public void traversalBetweenTheChecksDoesNotHideARename() throws Exception {
    plugin.run(removal(file("/data/sales/a")));
    plugin.run(by(Check.ofNothing("/tmp/a")));
    assertEquals("leaves the cover", plugin.refusal(creation(Check.ofNothing("/tmp/a"))));
  }

  @Test
  public void nativeAnswerLeavesTheRenameToHdfs() throws Exception {
    plugin.service.script = (peer, request, question) -> peer.send(Frames.answer(request, 3, 7, 0, 42, "sales", ""));
    plugin.run(removal(file("/data/sales/a")));
    Check destination = creation(Check.ofNothing("/tmp/a"));
    assertTrue(destination.isSameAs(plugin.run(destination).get(0)));
    assertMove("/data/sales/a", "/tmp/a");
  }

  @Test
  public void whatHdfsRefusesOfARenameStaysRefused() throws Exception {
    Recorder hdfs = new Recorder();
    hdfs.refusal = new AccessControlException("Permission denied");
    assertThrows(AccessControlException.class, () -> plugin.run(removal(file("/data/sales/a")), hdfs));
    assertTrue(plugin.service.questions.isEmpty());
  }

  @Test
  public void deleteDoesNotReachIntoTheNextCall() throws Exception {
    plugin.run(removal(file("/data/sales/a")).sub(FsAction.ALL));
    Calls.begin();
    plugin.run(creation(Check.ofNothing("/tmp/new")));
    assertTrue(plugin.service.questions.isEmpty());
  }

  @Test
  public void deleteDoesNotReachIntoTheNextCallOfAThreadWithoutCalls() throws Exception {
    Calls.end();
    plugin.run(removal(file("/data/sales/a")));
    user = Users.named("alice@EXAMPLE.COM");
    plugin.run(creation(Check.ofNothing("/tmp/new")));
    assertTrue(plugin.service.questions.isEmpty());
  }

  @Test
  public void renameIsSeenOnAThreadWithoutCalls() throws Exception {
    Calls.end();
    assertDenied(file("/data/sales/a"), Check.ofNothing("/tmp/a"));
  }

  @Test
  public void renameIsForgottenOnceItIsRuledOn() throws Exception {
    assertDenied(file("/data/sales/a"), Check.ofNothing("/tmp/a"));
    plugin.service.questions.clear();
    plugin.run(creation(Check.ofNothing("/tmp/b")));
    assertTrue(plugin.service.questions.isEmpty());
  }

  @Test
  public void makingAFileIsNoMove() throws Exception {
    plugin.run(creation(Check.ofNothing("/data/sales/new")));
    plugin.run(by(Check.ofFile("/data/sales/new")).access(FsAction.WRITE));
    plugin.run(creation(Check.ofNothing("/tmp/new")));
    assertTrue(plugin.service.questions.isEmpty());
  }

  @Test
  public void concatOutOfASingleCoveredFileIsAsked() throws Exception {
    plugin.run(by(Check.ofFile("/single/target")).access(FsAction.WRITE));
    plugin.run(by(Check.ofFile("/single/uncovered")).access(FsAction.READ));
    plugin.run(removal(file("/single/uncovered")));
    assertTrue(plugin.service.questions.isEmpty());
    plugin.run(by(Check.ofFile("/single/file")).access(FsAction.READ));
    assertEquals(1, ScriptedService.next(plugin.service.questions).operation());
    assertEquals("leaves the cover", plugin.refusal(removal(file("/single/file"))));
    assertMove("/single/file", "/single/target");
  }

  @Test
  public void concatWithinOneCoverIsNotAsked() throws Exception {
    plugin.run(by(Check.ofFile("/data/sales/target")).access(FsAction.WRITE));
    plugin.run(removal(file("/data/sales/source")));
    assertTrue(plugin.service.questions.isEmpty());
  }

  private void assertDenied(Check source, Check destination) throws Exception {
    Check removal = removal(source);
    assertTrue("HDFS checks the source", removal.isSameAs(plugin.run(removal).get(0)));
    assertEquals("leaves the cover", plugin.refusal(creation(destination)));
  }

  private void assertNative(Check source, Check destination) throws Exception {
    Check removal = removal(source);
    Check creation = creation(destination);
    assertTrue(removal.isSameAs(plugin.run(removal).get(0)));
    assertTrue(creation.isSameAs(plugin.run(creation).get(0)));
    assertTrue(plugin.service.questions.isEmpty());
  }

  private void assertMove(String source, String destination) throws Exception {
    AskedQuestion expected = new AskedQuestion(3, "alice@EXAMPLE.COM", source, null, destination, null, null);
    assertEquals(expected, ScriptedService.next(plugin.service.questions));
    assertTrue(plugin.service.questions.isEmpty());
  }

  private Check by(Check check) {
    return check.by(user);
  }

  private Check removal(Check check) {
    return by(check).parent(FsAction.WRITE);
  }

  private Check creation(Check check) {
    return by(check).ancestor(FsAction.WRITE);
  }

  private static Check file(String path) {
    return Check.ofFile(path);
  }

  private static Check directory(String path) {
    return Check.ofDirectory(path);
  }
}
