package authorizer.namenode;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.Timeout;

/** The deadlines around sockets that block, with sockets of the test's own: Hadoop's need its native library. */
public class DomainSocketTransportTest {
  @Rule public final Timeout timeout = Timeout.seconds(60);

  private final AtomicInteger dialled = new AtomicInteger();
  private final CountDownLatch mayConnect = new CountDownLatch(1);
  private final FakeSocket socket = new FakeSocket();

  @Test
  public void connectIsWaitedForNoLongerThanTheDeadlineAndThenClosed() throws Exception {
    Transport transport = new DomainSocketTransport(this::dialWhenAllowed);
    do {
      assertThrows(DeadlineException.class, () -> transport.connect(soon()));
    } while (dialled.get() == 0);
    assertThrows("the first one is still under way", DeadlineException.class, () -> transport.connect(soon()));
    mayConnect.countDown();
    assertTrue(socket.closed.await(60, TimeUnit.SECONDS));
    transport.connect(ample());
    assertEquals("who no longer waits is not connected", 2, dialled.get());
  }

  @Test
  public void refusalIsToldInItsOwnWords() {
    Transport transport =
        new DomainSocketTransport(
            () -> {
              throw new ConnectException("nobody listens");
            });
    assertEquals("nobody listens", assertThrows(IOException.class, () -> transport.connect(ample())).getMessage());
  }

  @Test
  public void interruptNeitherEndsAConnectNorIsLost() throws Exception {
    Thread asker = Thread.currentThread();
    Transport transport =
        new DomainSocketTransport(
            () -> {
              asker.interrupt();
              while (asker.isInterrupted()) {
                Thread.onSpinWait();
              }
              return socket;
            });
    transport.connect(ample());
    assertTrue(Thread.interrupted());
  }

  @Test
  public void everythingIsWrittenInItsOrder() throws Exception {
    byte[] bytes = new byte[100_000];
    new Random(1).nextBytes(bytes);
    ByteBuffer part = ByteBuffer.wrap(bytes, 10, 90_000).slice();
    part.position(5);
    connection().write(part, ample());
    assertFalse(part.hasRemaining());
    assertArrayEquals(Arrays.copyOfRange(bytes, 15, 90_010), socket.written.toByteArray());
  }

  @Test
  public void deadlineBoundsTheSumOfManyWaits() throws Exception {
    Connection connection = connection();
    socket.pauseMillis = 20;
    ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
    assertThrows(
        DeadlineException.class, () -> connection.write(bytes, Deadline.after(100, TimeUnit.MILLISECONDS)));
    assertTrue(socket.timeouts.toString(), socket.timeouts.size() <= 6);
    for (int i = 1; i < socket.timeouts.size(); i++) {
      assertTrue(socket.timeouts.toString(), socket.timeouts.get(i) < socket.timeouts.get(i - 1));
    }
    assertTrue(bytes.hasRemaining());
  }

  @Test
  public void timeoutOfAWriteIsTheDeadline() throws Exception {
    Connection connection = connection();
    socket.earlyTimeouts = 1;
    assertThrows(DeadlineException.class, () -> connection.write(ByteBuffer.allocate(10), ample()));
  }

  @Test
  public void readGoesOnAfterATimeoutBeforeTheDeadline() throws Exception {
    Connection connection = connection();
    socket.earlyTimeouts = 3;
    ByteBuffer into = ByteBuffer.wrap(new byte[20], 4, 16).slice();
    into.position(2);
    assertEquals(3, connection.read(into, ample()));
    assertEquals(5, into.position());
    assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 7, 8, 9, 0}, Arrays.copyOf(into.array(), 10));
  }

  @Test
  public void readThatBringsNothingEndsAtTheDeadlineAndMayBeTriedAgain() throws Exception {
    Connection connection = connection();
    socket.pauseMillis = 5;
    socket.earlyTimeouts = Integer.MAX_VALUE;
    ByteBuffer into = ByteBuffer.allocate(10);
    assertThrows(DeadlineException.class, () -> connection.read(into, soon()));
    socket.earlyTimeouts = 0;
    assertEquals(3, connection.read(into, ample()));
  }

  @Test
  public void endOfTheStreamIsNoByte() throws Exception {
    Connection connection = connection();
    socket.incoming = null;
    ByteBuffer into = ByteBuffer.allocate(10);
    assertEquals(-1, connection.read(into, ample()));
    assertEquals(0, into.position());
  }

  @Test
  public void nothingIsTriedOnceTheDeadlineHasPassed() throws Exception {
    Connection connection = connection();
    Deadline passed = Deadline.after(-1, TimeUnit.MILLISECONDS);
    assertThrows(DeadlineException.class, () -> connection.write(ByteBuffer.allocate(10), passed));
    assertThrows(DeadlineException.class, () -> connection.read(ByteBuffer.allocate(10), passed));
    assertEquals(0, socket.timeouts.size());
  }

  private Connection connection() throws IOException {
    return new DomainSocketTransport(() -> socket).connect(ample());
  }

  private BlockingSocket dialWhenAllowed() {
    dialled.incrementAndGet();
    boolean connected = false;
    while (!connected) {
      try {
        mayConnect.await();
        connected = true;
      } catch (InterruptedException nothingEndsAConnect) {
        // As in the kernel.
      }
    }
    return socket;
  }

  private static Deadline soon() {
    return Deadline.after(30, TimeUnit.MILLISECONDS);
  }

  private static Deadline ample() {
    return Deadline.after(50, TimeUnit.SECONDS);
  }

  /** Takes what is written, and brings the same bytes at every read. */
  private static final class FakeSocket implements BlockingSocket {
    final CountDownLatch closed = new CountDownLatch(1);
    final ByteArrayOutputStream written = new ByteArrayOutputStream();
    final List<Integer> timeouts = new ArrayList<>();
    byte[] incoming = {7, 8, 9};
    int earlyTimeouts;
    long pauseMillis;

    @Override
    public void write(byte[] bytes, int offset, int count, int millis) throws IOException {
      await(millis);
      written.write(bytes, offset, count);
    }

    @Override
    public int read(byte[] into, int offset, int count, int millis) throws IOException {
      await(millis);
      if (incoming == null) {
        return -1;
      }
      System.arraycopy(incoming, 0, into, offset, incoming.length);
      return incoming.length;
    }

    @Override
    public void close() {
      closed.countDown();
    }

    private void await(int millis) throws IOException {
      timeouts.add(millis);
      try {
        Thread.sleep(pauseMillis);
      } catch (InterruptedException unasked) {
        throw new AssertionError(unasked);
      }
      if (earlyTimeouts > 0) {
        earlyTimeouts--;
        throw new SocketTimeoutException();
      }
    }
  }
}
