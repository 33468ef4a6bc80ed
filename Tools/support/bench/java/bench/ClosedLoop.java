package bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Threads that each do a task over and over, measured for a while.
 *
 * <p>Prints {@code begin} when the measured window begins, {@code end} when it ends, and then one line of JSON.
 * Refusals are counted from the start on, as {@code all_questions} are.
 */
public final class ClosedLoop {
  private enum Phase {
    WARM_UP,
    WINDOW,
    OVER
  }

  private volatile Phase phase = Phase.WARM_UP;
  private final List<Worker> workers = new ArrayList<>();

  /** One task for each thread. */
  public ClosedLoop(List<? extends Task> tasks) {
    for (Task task : tasks) {
      workers.add(new Worker(task));
    }
  }

  /**
   * Runs, and reports.
   *
   * @throws Exception the first that a task threw
   */
  public void run(double warmUpSeconds, double seconds) throws Exception {
    workers.forEach(Thread::start);
    sleep(warmUpSeconds);
    say("begin");
    long cpu = processCpu();
    long begin = System.nanoTime();
    phase = Phase.WINDOW;
    sleep(seconds);
    phase = Phase.OVER;
    long elapsed = System.nanoTime() - begin;
    cpu = processCpu() - cpu;
    say("end");
    report(elapsed, cpu);
  }

  private void report(long elapsed, long cpu) throws Exception {
    Histogram latency = new Histogram();
    long all = 0;
    long refused = 0;
    for (Worker worker : workers) {
      worker.join();
      if (worker.failure != null) {
        throw worker.failure;
      }
      latency.addAll(worker.latency);
      all += worker.all;
      refused += worker.refused;
    }
    say(
        "{\"seconds\": %.6f, \"questions\": %d, \"all_questions\": %d, \"refused\": %d, \"client_cpu_ns\": %d, "
            + "\"p50_ns\": %d, \"p99_ns\": %d, \"p999_ns\": %d}",
        elapsed / 1e9,
        latency.total(),
        all,
        refused,
        cpu,
        latency.quantile(0.5),
        latency.quantile(0.99),
        latency.quantile(0.999));
  }

  /** Sleeps, but not on after a worker has failed. */
  private void sleep(double seconds) throws InterruptedException {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      TimeUnit.NANOSECONDS.sleep(Math.min(left, 100_000_000));
      if (workers.stream().anyMatch(worker -> worker.failure != null)) {
        return;
      }
    }
  }

  private static long processCpu() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  private static void say(String format, Object... values) {
    System.out.printf(format + "%n", values);
    System.out.flush();
  }

  private final class Worker extends Thread {
    final Histogram latency = new Histogram();
    long all;
    long refused;
    volatile Exception failure;
    private final Task task;

    Worker(Task task) {
      this.task = task;
      setDaemon(true);
    }

    @Override
    public void run() {
      try {
        while (phase != Phase.OVER) {
          once();
        }
      } catch (Exception wrong) {
        failure = wrong;
      }
    }

    private void once() throws Exception {
      long start = System.nanoTime();
      boolean granted = task.run();
      long nanos = System.nanoTime() - start;
      all++;
      refused += granted ? 0 : 1;
      if (phase == Phase.WINDOW) {
        latency.add(nanos);
      }
    }
  }
}
