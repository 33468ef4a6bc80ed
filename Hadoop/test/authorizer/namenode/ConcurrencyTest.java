package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.Timeout;

/** Many threads at once, while the cover changes and the service goes and comes. */
public class ConcurrencyTest {
  private static final int THREADS = 32;

  @Rule public final Plugin plugin = new Plugin();
  @Rule public final Timeout timeout = Timeout.seconds(120);

  /** Each question's answer names its user and path, so that no thread can have another's unnoticed. */
  private static final ScriptedService.Script ECHO =
      (peer, request, question) -> peer.send(Frames.deny(request, question.principal() + " " + question.path()));

  @Test
  public void everyAnswerReachesTheThreadThatAsked() throws Exception {
    plugin.with("authorizer.connections.max", "8").start();
    plugin.service.script = ECHO;
    inThreads(
        (user, thread) -> {
          for (int i = 0; i < 200; i++) {
            String path = "/data/sales/" + thread + "/" + i;
            assertEquals(user.getUserName() + " " + path, plugin.refusal(read(path, user)));
          }
        },
        () -> {});
    assertEquals(THREADS * 200, plugin.counters().getDenied());
  }

  @Test
  public void coveredStaysRefusedAndUnprotectedStaysFree() throws Exception {
    plugin.with("authorizer.deadline.ms", "1000").start();
    plugin.service.script = ECHO;
    AtomicBoolean done = new AtomicBoolean();
    inThreads(
        (user, thread) -> {
          int i = 0;
          while (!done.get() || i < 10) {
            String path = "/data/sales/" + thread + "/" + i++;
            String words = plugin.refusal(read(path, user));
            assertTrue(words, words.equals(user.getUserName() + " " + path) || words.contains("cannot be read"));
            assertEquals(1, plugin.run(read("/tmp/" + i, user)).size());
          }
        },
        () -> {
          for (int round = 0; round < 10; round++) {
            plugin.service.cover("/data/sales", "/data/hr" + round);
            plugin.service.awaitTaken();
            plugin.service.close();
            plugin.service.open();
            plugin.service.awaitTaken();
          }
          done.set(true);
        });
    assertEquals(0, plugin.counters().getFaults());
  }

  private interface Work {
    void run(UserGroupInformation user, int thread) throws Exception;
  }

  private interface Meanwhile {
    void run() throws Exception;
  }

  private static void inThreads(Work work, Meanwhile meanwhile) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        UserGroupInformation user = Users.named("user" + i + "@EXAMPLE.COM");
        ends.add(
            threads.submit(
                () -> {
                  work.run(user, thread);
                  return null;
                }));
      }
      meanwhile.run();
      for (Future<?> end : ends) {
        end.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Check read(String path, UserGroupInformation user) {
    return Check.ofFile(path).access(FsAction.READ).by(user);
  }
}
