package authorizer.crawler;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import org.junit.Test;

public class PaceTest {
    private static final int THREADS = 4;

    private final Pace pace = new Pace(0, THREADS);

    @Test
    public void asManyThreadsCallAsMay() throws InterruptedException {
        begin(THREADS);
        assertNextWaitsForTheEndOfAnother();
    }

    @Test
    public void halfAsManyCallAfterThePush() throws InterruptedException {
        pace.pushedBack("Server too busy");
        assertEquals("Server too busy", pace.trouble());
        begin(THREADS / 2);
        assertNextWaitsForTheEndOfAnother();
    }

    @Test
    public void oneCallsHoweverOftenItIsPushedBack() throws InterruptedException {
        for (int push = 0; push < 3; push++) {
            pace.pushedBack("Server too busy");
        }
        assertTrue(pace.share() < 1.0 / THREADS);
        begin(1);
        assertNextWaitsForTheEndOfAnother();
    }

    @Test
    public void callsAreCounted() throws InterruptedException {
        pace.paid(3);
        pace.paid(1);
        assertEquals(4, pace.calls());
    }

    private void begin(int count) throws InterruptedException {
        for (int number = 0; number < count; number++) {
            pace.begin();
        }
    }

    private void assertNextWaitsForTheEndOfAnother() throws InterruptedException {
        Thread next = new Thread(() -> {
            try {
                pace.begin();
            } catch (InterruptedException ended) {
                // The test has failed already.
            }
        });
        next.start();
        while (next.getState() != Thread.State.WAITING) {
            assertTrue("it does not wait", next.isAlive());
            Thread.onSpinWait();
        }
        pace.end();
        next.join();
    }
}
