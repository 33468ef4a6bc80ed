package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.security.AccessControlException;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.Timeout;

/** What the plug-in makes of a service that is late, gone, back, or talks nonsense. */
public class ServiceLinkTest {
  private static final ScriptedService.Script ALLOW = (peer, request, question) -> peer.send(Frames.allow(request));
  private static final ScriptedService.Script SILENCE = (peer, request, question) -> {};

  @Rule public final Plugin plugin = new Plugin();
  @Rule public final Timeout timeout = Timeout.seconds(60);

  @Test
  public void silenceIsADenialAfterTheDeadline() throws Exception {
    plugin.with("authorizer.deadline.ms", "30").start();
    plugin.service.script = SILENCE;
    assertEquals(
        "`/data/sales/f` cannot be read: the authorizer did not answer within 30 ms: try again later, or ask"
            + " data-office@example.com",
        plugin.refusal(read()));
    assertEquals(1, plugin.counters().getDeadlineMissed());
    assertEquals(1, plugin.counters().getFailureDeny());
  }

  @Test
  public void lateAnswerIsNeverTakenForAnother() throws Exception {
    plugin.with("authorizer.deadline.ms", "500").with("authorizer.breaker.misses", "1000").start();
    BlockingQueue<Runnable> late = new LinkedBlockingQueue<>();
    plugin.service.script =
        (peer, request, question) ->
            late.add(
                () -> {
                  try {
                    peer.send(Frames.allow(request));
                  } catch (IOException closed) {
                    // The plug-in no longer listens.
                  }
                });
    plugin.refusal(read());
    ScriptedService.next(late).run();
    plugin.service.script = (peer, request, question) -> peer.send(Frames.deny(request, "no"));
    assertEquals("no", plugin.refusal(read()));
  }

  @Test
  public void answerToAnotherRequestIsNotTaken() throws Exception {
    plugin.start();
    plugin.service.script = (peer, request, question) -> peer.send(Frames.allow(request + 1));
    assertTrue(plugin.refusal(read()).contains("cannot be reached"));
  }

  @Test
  public void halfAFrameIsADenialAfterTheDeadline() throws Exception {
    plugin.with("authorizer.deadline.ms", "30").with("authorizer.breaker.misses", "1000").start();
    byte[] whole = Frames.allow(2);
    for (int length = 1; length < whole.length; length += 7) {
      byte[] half = Arrays.copyOf(whole, length);
      plugin.service.script = (peer, request, question) -> peer.send(half);
      assertTrue(plugin.refusal(read()).contains("did not answer within 30 ms"));
    }
  }

  @Test
  public void questionIsAskedAgainWithThePermissionsThatTheServiceWants() throws Exception {
    plugin.start();
    plugin.service.script =
        (peer, request, question) ->
            peer.send(question.hasPermissions() ? Frames.allow(request) : Frames.wantPermissions(request));
    assertEquals(List.of(), plugin.run(read()));
    AskedQuestion first = ScriptedService.next(plugin.service.questions);
    AskedQuestion second = ScriptedService.next(plugin.service.questions);
    assertTrue(first.offersPermissions() && !first.hasPermissions());
    assertTrue(second.hasPermissions() && !second.offersPermissions());
    assertEquals(first.path(), second.path());
    assertEquals(1, plugin.counters().getAsked());
  }

  @Test
  public void serviceThatWantsPermissionsTwiceIsNotBelieved() throws Exception {
    plugin.start();
    plugin.service.script = (peer, request, question) -> peer.send(Frames.wantPermissions(request));
    assertTrue(plugin.refusal(read()).contains("cannot be reached"));
  }

  @Test
  public void deadlineBoundsBothQuestions() throws Exception {
    plugin.with("authorizer.deadline.ms", "30").start();
    plugin.service.script =
        (peer, request, question) -> {
          if (!question.hasPermissions()) {
            peer.send(Frames.wantPermissions(request));
          }
        };
    assertTrue(plugin.refusal(read()).contains("did not answer within 30 ms"));
    assertEquals(1, plugin.counters().getDeadlineMissed());
  }

  @Test
  public void answerInPiecesIsAnAnswer() throws Exception {
    plugin.start();
    plugin.service.script =
        (peer, request, question) -> {
          for (byte b : Frames.deny(request, "no \u2013 sorry")) {
            peer.send(new byte[] {b});
          }
        };
    assertEquals("no \u2013 sorry", plugin.refusal(read()));
  }

  @Test
  public void nonsenseIsNeverAnAllow() throws Exception {
    plugin.with("authorizer.deadline.ms", "50").with("authorizer.breaker.misses", "1000000").start();
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      byte[] answer = Frames.deny(2, "no");
      int flips = 1 + random.nextInt(4);
      for (int flip = 0; flip < flips; flip++) {
        // Any byte but that of the decision.
        int at = random.nextInt(answer.length);
        answer[at] = at == 11 ? answer[at] : (byte) random.nextInt(256);
      }
      plugin.service.script = (peer, request, question) -> peer.send(answer);
      plugin.refusal(read());
    }
  }

  @Test
  public void errorIsADenialAndLeavesTheBreakerAlone() throws Exception {
    plugin.with("authorizer.breaker.misses", "1").start();
    plugin.service.script = (peer, request, question) -> peer.send(Frames.error(request, 9, false, "no store"));
    assertTrue(plugin.refusal(read()).contains("could not answer: error 9 from the service: no store"));
    assertFalse(plugin.counters().isBreakerOpen());
    plugin.service.script = ALLOW;
    plugin.run(read());
  }

  @Test
  public void whatFitsNoFrameIsADenialAndLeavesTheBreakerAlone() throws Exception {
    plugin.with("authorizer.breaker.misses", "1").start();
    Check check = read().by(Users.named("x".repeat(70_000)));
    assertTrue(plugin.refusal(check).contains("cannot be asked"));
    assertFalse(plugin.counters().isBreakerOpen());
    assertEquals(1, plugin.counters().getReportsNotKept());
    plugin.run(read());
  }

  @Test
  public void principalOfTenThousandBytesIsAsked() throws Exception {
    plugin.start();
    String name = "x".repeat(10_000);
    plugin.run(read().by(Users.named(name)));
    assertEquals(name, ScriptedService.next(plugin.service.questions).principal());
  }

  @Test
  public void breakerOpensAfterMissesAndProbesCloseIt() throws Exception {
    plugin.with("authorizer.deadline.ms", "30").with("authorizer.breaker.misses", "2").start();
    plugin.service.answersPings = false;
    plugin.service.script = SILENCE;
    plugin.refusal(read());
    assertFalse(plugin.counters().isBreakerOpen());
    plugin.refusal(read());
    assertTrue(plugin.counters().isBreakerOpen());
    long asked = plugin.counters().getAsked();
    assertTrue(plugin.refusal(read()).contains("has stopped answering"));
    assertEquals("nobody asks", asked, plugin.counters().getAsked());
    ScriptedService.next(plugin.service.pings);
    assertTrue(plugin.counters().isBreakerOpen());
    plugin.service.script = ALLOW;
    plugin.service.answersPings = true;
    plugin.service.close();
    plugin.service.open();
    awaitAllowed();
  }

  @Test
  public void serviceThatCameBackIsAskedWithoutAMiss() throws Exception {
    plugin.start();
    plugin.run(read());
    plugin.service.close();
    plugin.service.open();
    plugin.run(read());
    plugin.service.awaitTaken();
    assertEquals(0, plugin.counters().getFailureDeny());
  }

  @Test
  public void serviceThatIsGoneIsADenialAtOnce() throws Exception {
    plugin.start();
    plugin.service.close();
    assertTrue(plugin.refusal(read()).contains("cannot be reached"));
    plugin.service.open();
    plugin.service.awaitTaken();
    awaitAllowed();
  }

  @Test
  public void deadlineBoundsTheWaitForAConnection() throws Exception {
    plugin.with("authorizer.connections.max", "1").with("authorizer.deadline.ms", "300").start();
    CountDownLatch held = new CountDownLatch(1);
    plugin.service.script = (peer, request, question) -> held.countDown();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<String> first = threads.submit(() -> plugin.refusal(read()));
      held.await();
      Future<String> second = threads.submit(() -> plugin.refusal(read()));
      assertTrue(first.get().contains("did not answer within 300 ms"));
      assertTrue(second.get().contains("within 300 ms") || second.get().contains("stopped answering"));
    } finally {
      threads.shutdown();
    }
  }

  @Test
  public void connectionsAreUsedAgain() throws Exception {
    plugin.start();
    BlockingQueue<ScriptedService.Peer> peers = new LinkedBlockingQueue<>();
    plugin.service.script =
        (peer, request, question) -> {
          peers.add(peer);
          peer.send(Frames.allow(request));
        };
    for (int i = 0; i < 10; i++) {
      plugin.run(read());
    }
    assertEquals(10, peers.size());
    assertEquals(1, peers.stream().distinct().count());
    assertEquals(10, plugin.counters().getAllowed());
  }

  @Test
  public void coverIsSwappedWhole() throws Exception {
    plugin.start();
    plugin.service.script = (peer, request, question) -> peer.send(Frames.deny(request, "no"));
    plugin.refusal(read());
    plugin.service.cover("/other");
    plugin.service.awaitTaken();
    plugin.run(read());
    assertEquals(plugin.service.version(), plugin.counters().getCoverVersion());
    assertEquals(1, plugin.counters().getCoverEntries());
  }

  @Test
  public void interruptNeitherDisturbsAQuestionNorIsLost() throws Exception {
    plugin.start();
    Thread.currentThread().interrupt();
    plugin.run(read());
    assertTrue(Thread.interrupted());
    Thread asker = Thread.currentThread();
    plugin.service.script =
        (peer, request, question) -> {
          // The first interrupt may come before the wait, the second comes within it.
          for (int i = 0; i < 2; i++) {
            asker.interrupt();
            while (asker.isInterrupted()) {
              Thread.onSpinWait();
            }
          }
          peer.send(Frames.deny(request, "no"));
        };
    assertEquals("no", plugin.refusal(read()));
    assertTrue(Thread.interrupted());
    plugin.service.script = ALLOW;
    plugin.run(read());
    assertEquals(0, plugin.counters().getFailureDeny());
  }

  private void awaitAllowed() throws Exception {
    while (true) {
      try {
        plugin.run(read());
        return;
      } catch (AccessControlException notYet) {
        ScriptedService.next(plugin.service.pings);
      }
    }
  }

  private static Check read() {
    return Check.ofFile("/data/sales/f").access(FsAction.READ);
  }
}
