package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotSame;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.Timeout;

public class ConnectionPoolTest {
  @Rule public final Timeout timeout = Timeout.seconds(30);

  private final AtomicInteger closed = new AtomicInteger();
  private IOException refusal;
  private final ConnectionPool pool = new ConnectionPool(this::connect, 2);

  @Test
  public void lendsTheLastGivenBackFirst() throws IOException {
    ServiceConnection first = pool.lend(ample());
    ServiceConnection second = pool.lend(ample());
    assertNotSame(first, second);
    pool.giveBack(first);
    pool.giveBack(second);
    assertSame(second, pool.lend(ample()));
    assertSame(first, pool.lend(ample()));
  }

  @Test
  public void waitsForAFreeConnectionNoLongerThanTheDeadline() throws IOException {
    pool.lend(ample());
    pool.lend(ample());
    assertThrows(DeadlineException.class, () -> pool.lend(Deadline.after(20, TimeUnit.MILLISECONDS)));
  }

  @Test
  public void interruptIsNotLostWhileWaiting() throws IOException {
    pool.lend(ample());
    pool.lend(ample());
    Thread.currentThread().interrupt();
    assertThrows(DeadlineException.class, () -> pool.lend(Deadline.after(20, TimeUnit.MILLISECONDS)));
    assertTrue(Thread.interrupted());
  }

  @Test
  public void neitherFailureNorDiscardUsesAPlaceUp() throws IOException {
    refusal = new IOException("refused");
    for (int i = 0; i < 3; i++) {
      assertThrows(IOException.class, () -> pool.lend(ample()));
    }
    refusal = null;
    for (int i = 0; i < 3; i++) {
      pool.discard(pool.lend(ample()));
    }
    assertEquals(3, closed.get());
    pool.lend(ample());
    pool.lend(ample());
  }

  @Test
  public void closesWhatComesBackAfterItWasClosed() throws IOException {
    ServiceConnection idle = pool.lend(ample());
    ServiceConnection lent = pool.lend(ample());
    pool.giveBack(idle);
    pool.close();
    assertEquals(1, closed.get());
    pool.giveBack(lent);
    assertEquals(2, closed.get());
  }

  private static Deadline ample() {
    return Deadline.after(20, TimeUnit.SECONDS);
  }

  private Connection connect(Deadline deadline) throws IOException {
    if (refusal != null) {
      throw refusal;
    }
    return new Connection() {
      @Override
      public int read(ByteBuffer into, Deadline until) {
        return -1;
      }

      @Override
      public void write(ByteBuffer bytes, Deadline until) {
        bytes.position(bytes.limit());
      }

      @Override
      public void close() {
        closed.incrementAndGet();
      }
    };
  }
}
