package authorizer.namenode;

import bench.ClosedLoop;
import bench.Task;
import bench.Work;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Asks the service the way the plug-in does: threads that share its pool of connections. Every answer is checked.
 *
 * <p>{@code PoolBench SOCKET WORK THREADS WARM_UP_SECONDS SECONDS}
 */
public final class PoolBench {
  /** As many questions as are made before the start; the NameNode has path and caller at hand, too. */
  private static final int QUESTIONS = 100_000;

  /** As the plug-in's default. */
  private static final int GREATEST_CONNECTIONS = 128;

  private static final int DEADLINE_SECONDS = 10;

  private PoolBench() {}

  public static void main(String[] arguments) throws Exception {
    Work work = new Work(Path.of(arguments[1]));
    Question[] questions = new Question[Math.min(QUESTIONS, work.size())];
    for (int i = 0; i < questions.length; i++) {
      String[] names = work.principalAndPath(i);
      questions[i] = new Question(Operation.READ, new Caller(names[0], null, null, null), HdfsPath.of(names[1]), null);
    }
    ConnectionPool pool = new ConnectionPool(Transports.forSocket(arguments[0]), GREATEST_CONNECTIONS);
    int threads = Integer.parseInt(arguments[2]);
    List<Task> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      tasks.add(new Asker(pool, questions, work, i, threads));
    }
    new ClosedLoop(tasks).run(Double.parseDouble(arguments[3]), Double.parseDouble(arguments[4]));
    pool.close();
  }

  /** Asks each {@code step}-th question, one after the other. */
  private static final class Asker implements Task {
    private final ConnectionPool pool;
    private final Question[] questions;
    private final Work work;
    private final int step;
    private int next;

    Asker(ConnectionPool pool, Question[] questions, Work work, int first, int step) {
      this.pool = pool;
      this.questions = questions;
      this.work = work;
      this.step = step;
      next = first;
    }

    @Override
    public boolean run() throws IOException {
      int number = next;
      next = (next + step) % questions.length;
      check(number, ask(questions[number]));
      return true;
    }

    private Answer ask(Question question) throws IOException {
      Deadline deadline = Deadline.after(DEADLINE_SECONDS, TimeUnit.SECONDS);
      ServiceConnection connection = pool.lend(deadline);
      Answer answer = connection.ask(question, null, deadline);
      pool.giveBack(connection);
      return answer;
    }

    private void check(int number, Answer answer) throws IOException {
      if (answer.decision.code != work.decision(number) || answer.reason.code != work.reason(number)) {
        throw new IOException("wrong answer to question " + number + ": " + answer.decision + ", " + answer.reason);
      }
    }
  }
}
