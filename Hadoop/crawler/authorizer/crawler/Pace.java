package authorizer.crawler;

import java.util.concurrent.TimeUnit;

/**
 * How fast the NameNode is called: at most so many calls a second and by so many threads, and fewer after it has pushed
 * back.
 *
 * <p>Calls are paid for after they were made: a listing is several calls, and nobody knows how many before.
 */
final class Pace {
    private static final double SLOWEST = 1.0 / 64;
    /** After this long without another push the pace doubles again. */
    private static final long RECOVERY = TimeUnit.SECONDS.toNanos(10);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(30);
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(250);

    private final double callsPerSecond;
    private final int threads;
    private int calling;
    private double share = 1;
    private long pause;
    private long pausedUntil;
    private long lastPush;
    private long nextCall;
    private long calls;
    private String trouble = "";

    /**
     * @param callsPerSecond 0 for no limit
     * @param threads how many may call at the same time
     */
    Pace(int callsPerSecond, int threads) {
        this.callsPerSecond = callsPerSecond;
        this.threads = threads;
        nextCall = System.nanoTime();
        pausedUntil = nextCall;
        lastPush = nextCall;
    }

    /**
     * Waits for this thread's turn to call. A NameNode that pushes back is called by fewer threads: those that paused
     * together would else come back together, and be sent away again.
     */
    synchronized void begin() throws InterruptedException {
        while (calling >= Math.max(1, (int) (threads * share))) {
            wait();
        }
        calling++;
    }

    /** Lets another thread have its turn. */
    synchronized void end() {
        calling--;
        notifyAll();
    }

    /** Counts calls that were made, and waits until the next may be. */
    void paid(long made) throws InterruptedException {
        long until;
        synchronized (this) {
            calls += made;
            long now = System.nanoTime();
            if (share < 1 && now - lastPush > RECOVERY) {
                share = Math.min(1, share * 2);
                notifyAll();
                lastPush = now;
                pause = 0;
                trouble = "";
            }
            double rate = callsPerSecond * share;
            if (rate > 0) {
                nextCall = Math.max(nextCall, now) + (long) (made * TimeUnit.SECONDS.toNanos(1) / rate);
                until = nextCall;
            } else {
                until = now;
            }
            until = Math.max(until, pausedUntil);
        }
        sleepUntil(until);
    }

    /**
     * The NameNode pushed back, or cannot be reached: everybody pauses, longer each time, and goes on more slowly.
     *
     * @param words what went wrong, for the log and for whoever asks how the crawl is
     */
    void pushedBack(String words) throws InterruptedException {
        long until;
        synchronized (this) {
            trouble = words;
            long now = System.nanoTime();
            // Of the threads that were refused together, one makes the pause.
            if (pausedUntil <= now) {
                pause = Math.min(LONGEST_PAUSE, Math.max(FIRST_PAUSE, pause * 2));
                pausedUntil = now + pause;
                share = Math.max(SLOWEST, share / 2);
                lastPush = now;
                System.err.println("crawler: pauses for " + TimeUnit.NANOSECONDS.toMillis(pause) + " ms: " + words);
            }
            until = pausedUntil;
        }
        sleepUntil(until);
    }

    synchronized long calls() {
        return calls;
    }

    /** The part of the rate that is used now: 1, or less after the NameNode pushed back. */
    synchronized double share() {
        return share;
    }

    /** What the NameNode last pushed back with, while that slows the crawl; else empty. */
    synchronized String trouble() {
        return trouble;
    }

    private static void sleepUntil(long until) throws InterruptedException {
        long left = until - System.nanoTime();
        if (left > 0) {
            TimeUnit.NANOSECONDS.sleep(left);
        }
    }
}
