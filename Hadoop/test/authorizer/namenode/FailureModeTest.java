package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.List;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.Timeout;

/** Who sees what while the service cannot be had, and what the service hears of it afterwards. */
public class FailureModeTest {
  @Rule public final Plugin plugin = new Plugin();
  @Rule public final Timeout timeout = Timeout.seconds(60);

  @After
  public void endCall() {
    Calls.end();
  }

  @Test
  public void denyRefusesAndReports() throws Exception {
    goDown("deny");
    String words = plugin.refusal(read(Users.ALICE));
    assertTrue(words, words.startsWith("`/data/sales/f` cannot be read: the authorizer cannot be reached: "));
    assertTrue(words, words.endsWith(": try again later, or ask data-office@example.com"));
    assertEquals(1, plugin.counters().getFailureDeny());
    assertReport(2, 16, 1);
  }

  @Test
  public void nativeLeavesToHdfsAndReports() throws Exception {
    goDown("native");
    Check check = read(Users.ALICE);
    assertTrue(check.isSameAs(plugin.run(check).get(0)));
    assertEquals(1, plugin.counters().getFailureNative());
    assertReport(3, 16, 3);
  }

  @Test
  public void staleRepeatsAnAllowAndReports() throws Exception {
    plugin.with("authorizer.failure.mode", "stale").start();
    plugin.run(read(Users.ALICE));
    plugin.service.close();
    assertTrue("HDFS is not asked", plugin.run(read(Users.ALICE)).isEmpty());
    assertEquals(1, plugin.counters().getFailureStale());
    assertReport(1, 14, 2);
  }

  @Test
  public void staleRepeatsADenial() throws Exception {
    plugin.with("authorizer.failure.mode", "stale").start();
    plugin.service.script = (peer, request, question) -> peer.send(Frames.deny(request, "no"));
    plugin.refusal(read(Users.ALICE));
    plugin.service.close();
    assertEquals("no", plugin.refusal(read(Users.ALICE)));
    assertEquals(1, plugin.counters().getFailureStale());
  }

  @Test
  public void staleRepeatsNothingForAnotherUserOrPath() throws Exception {
    plugin.with("authorizer.failure.mode", "stale").start();
    plugin.run(read(Users.ALICE));
    plugin.service.close();
    plugin.refusal(read(Users.named("carol@EXAMPLE.COM")));
    plugin.refusal(Check.ofFile("/data/sales/g").access(FsAction.READ));
    assertEquals(2, plugin.counters().getFailureDeny());
  }

  @Test
  public void staleRepeatsNothingFromUnderAnotherCover() throws Exception {
    plugin.with("authorizer.failure.mode", "stale").start();
    plugin.run(read(Users.ALICE));
    plugin.service.cover("/data/sales");
    plugin.service.awaitTaken();
    plugin.service.close();
    plugin.refusal(read(Users.ALICE));
  }

  @Test
  public void staleRepeatsNothingThatNewerPolicyMayHaveChanged() throws Exception {
    plugin.with("authorizer.failure.mode", "stale").start();
    plugin.run(read(Users.ALICE));
    plugin.service.script = (peer, request, question) -> peer.send(Frames.answer(request, 1, 14, 0, 43, "sales", ""));
    plugin.run(read(Users.named("carol@EXAMPLE.COM")));
    plugin.service.close();
    plugin.refusal(read(Users.ALICE));
    plugin.run(read(Users.named("carol@EXAMPLE.COM")));
  }

  @Test
  public void staleRepeatsNoGrant() throws Exception {
    plugin.with("authorizer.failure.mode", "stale").start();
    plugin.service.script = (peer, request, question) -> peer.send(Frames.answer(request, 1, 8, 0, 42, "sales", ""));
    plugin.run(read(Users.ALICE));
    plugin.service.close();
    plugin.refusal(read(Users.ALICE));
  }

  @Test
  public void ignoredUserStaysNativeInEveryMode() throws Exception {
    goDown("deny");
    Check check = read(Users.BACKUP);
    assertTrue("by its short name", check.isSameAs(plugin.run(check).get(0)));
    assertEquals(1, plugin.counters().getFailureNative());
    assertReport(3, 3, 1);
  }

  @Test
  public void unprotectedPathStaysNativeInEveryMode() throws Exception {
    goDown("deny");
    plugin.run(Check.ofFile("/tmp/f").access(FsAction.READ));
    assertEquals(1, plugin.counters().getUnprotected());
    assertEquals(0, plugin.counters().getReportsQueued());
  }

  @Test
  public void moveIsRefusedInDeny() throws Exception {
    goDown("deny");
    String words = move();
    assertTrue(words, words.startsWith("`/data/sales/f` cannot be moved to `/tmp/f`: the authorizer cannot be reached: "));
    assertTrue(words, words.endsWith(": try again later, or ask data-office@example.com"));
  }

  @Test
  public void moveIsRefusedInStale() throws Exception {
    goDown("stale");
    assertTrue(move().startsWith("`/data/sales/f` cannot be moved"));
  }

  @Test
  public void moveIsLeftToHdfsInNative() throws Exception {
    goDown("native");
    Calls.begin();
    plugin.run(Check.ofFile("/data/sales/f").parent(FsAction.WRITE));
    Check creation = Check.ofNothing("/tmp/f").ancestor(FsAction.WRITE);
    assertTrue(creation.isSameAs(plugin.run(creation).get(0)));
  }

  @Test
  public void unknownCoverRefusesEveryFileAndNothingElse() throws Exception {
    plugin.startAlone();
    assertEquals(
        "`/tmp/f` cannot be read: the authorizer has not yet said what is protected: try again later",
        plugin.refusal(Check.ofFile("/tmp/f").access(FsAction.READ)));
    plugin.run(Check.ofDirectory("/tmp").access(FsAction.READ_EXECUTE));
    plugin.run(Check.ofFile("/tmp/f"));
    plugin.run(Check.ofFile("/tmp/f").access(FsAction.WRITE));
    assertEquals(-1, plugin.counters().getCoverVersion());
  }

  @Test
  public void unknownCoverLeavesToHdfsInNative() throws Exception {
    plugin.with("authorizer.failure.mode", "native").startAlone();
    Check check = read(Users.ALICE);
    assertTrue(check.isSameAs(plugin.run(check).get(0)));
  }

  @Test
  public void lastKnownCoverOutlivesTheNameNode() throws Exception {
    plugin.with("authorizer.cover.file", plugin.file("cover").toString()).start();
    plugin.provider.stop();
    plugin.service.close();
    plugin.startAlone();
    plugin.run(Check.ofFile("/tmp/f").access(FsAction.READ));
    assertTrue(plugin.refusal(read(Users.ALICE)).contains("cannot be reached"));
    assertEquals(2, plugin.counters().getCoverEntries());
  }

  @Test
  public void fullQueueCountsDenials() throws Exception {
    plugin.with("authorizer.report.queue", "1");
    goDown("deny");
    plugin.refusal(read(Users.ALICE));
    plugin.refusal(read(Users.ALICE));
    plugin.refusal(read(Users.ALICE));
    assertEquals(1, plugin.counters().getReportsQueued());
    assertEquals(2, plugin.counters().getReportsNotKept());
    plugin.service.open();
    ScriptedService.Report report = ScriptedService.next(plugin.service.reports);
    assertEquals(1, report.events().size());
    // One that was put together before the plug-in noticed that the service is gone comes again as it was.
    long notKept = report.notKept();
    while (notKept < 2) {
      report = ScriptedService.next(plugin.service.reports);
      assertEquals(0, report.events().size());
      notKept += report.notKept();
    }
    assertEquals(2, notKept);
  }

  @Test
  public void fullQueueTurnsNativeIntoDenial() throws Exception {
    plugin.with("authorizer.report.queue", "1");
    goDown("native");
    plugin.run(read(Users.ALICE));
    plugin.refusal(read(Users.ALICE));
    plugin.run(read(Users.BACKUP));
  }

  @Test
  public void fullQueueTurnsStaleIntoDenial() throws Exception {
    plugin.with("authorizer.report.queue", "1").with("authorizer.failure.mode", "stale").start();
    plugin.run(read(Users.ALICE));
    plugin.service.close();
    plugin.run(read(Users.ALICE));
    plugin.refusal(read(Users.ALICE));
  }

  @Test
  public void reportThatWasNotTakenIsSentAgainUnchanged() throws Exception {
    goDown("deny");
    plugin.refusal(read(Users.ALICE));
    plugin.refusal(read(Users.BOB_BY_ETL));
    plugin.service.takesReports = false;
    plugin.service.open();
    ScriptedService.Report first = ScriptedService.next(plugin.service.reports);
    assertEquals(2, first.events().size());
    plugin.service.close();
    plugin.service.takesReports = true;
    plugin.service.open();
    assertEquals(first, ScriptedService.next(plugin.service.reports));
  }

  @Test
  public void reportsAreNumberedOn() throws Exception {
    goDown("deny");
    plugin.refusal(read(Users.ALICE));
    plugin.service.open();
    ScriptedService.Report first = ScriptedService.next(plugin.service.reports);
    plugin.service.awaitTaken();
    plugin.service.close();
    plugin.refusal(read(Users.BOB_BY_ETL));
    plugin.service.open();
    ScriptedService.Report second = ScriptedService.next(plugin.service.reports);
    assertEquals(first.reporter(), second.reporter());
    assertEquals(first.first() + 1, second.first());
    AskedQuestion expected = new AskedQuestion(1, "bob", "/data/sales/f", "etl@EXAMPLE.COM", null, null, null);
    assertEquals(List.of(new ScriptedService.Event(2, 16, 1, expected)), second.events());
  }

  private void goDown(String mode) throws Exception {
    plugin.with("authorizer.failure.mode", mode).with("authorizer.breaker.misses", "1000").start();
    plugin.service.close();
  }

  private void assertReport(int decision, int reason, int mode) throws Exception {
    plugin.service.open();
    ScriptedService.Event event = ScriptedService.next(plugin.service.reports).events().get(0);
    assertEquals(decision, event.decision());
    assertEquals(reason, event.reason());
    assertEquals(mode, event.mode());
    assertEquals("/data/sales/f", event.question().path());
  }

  private String move() throws Exception {
    Calls.begin();
    plugin.run(Check.ofFile("/data/sales/f").parent(FsAction.WRITE));
    return plugin.refusal(Check.ofNothing("/tmp/f").ancestor(FsAction.WRITE));
  }

  private static Check read(UserGroupInformation user) {
    return Check.ofFile("/data/sales/f").access(FsAction.READ).by(user);
  }
}
