package authorizer.namenode;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import org.junit.Test;

public class ReportQueueTest {
  private final ReportQueue queue = new ReportQueue(5, 1000);

  @Test
  public void holdsNoMoreThanItsCapacity() throws Exception {
    for (int i = 0; i < 1000; i++) {
      assertTrue(queue.keep(answer("/f")));
    }
    assertFalse(queue.keep(answer("/f")));
    encode();
    assertFalse("what was sent is not taken yet", queue.keep(answer("/f")));
    queue.taken();
    assertTrue(queue.keep(answer("/f")));
  }

  @Test
  public void sendsTheSameUntilItIsTaken() throws Exception {
    queue.keep(answer("/a"));
    byte[] first = encode();
    queue.keep(answer("/b"));
    queue.countNotKept();
    assertArrayEquals(first, encode());
    queue.taken();
    ByteBuffer second = ByteBuffer.wrap(encode());
    assertEquals(5, second.getLong());
    assertEquals("sequence number", 1, second.getLong());
    assertEquals("not kept", 1, second.getLong());
    assertEquals("count", 1, second.getShort());
    queue.taken();
    assertFalse(queue.hasReport());
  }

  @Test
  public void reportWithoutEventsHasANumberOfItsOwn() throws Exception {
    queue.countNotKept();
    byte[] first = encode();
    assertArrayEquals(first, encode());
    queue.taken();
    queue.keep(answer("/a"));
    ByteBuffer second = ByteBuffer.wrap(encode());
    assertEquals(5, second.getLong());
    assertEquals("sequence number", 1, second.getLong());
  }

  @Test
  public void whatIsRefusedCountsAsNotKept() throws Exception {
    queue.keep(answer("/a"));
    queue.keep(answer("/b"));
    encode();
    queue.refused();
    assertEquals(0, queue.size());
    assertEquals(2, queue.notKept());
  }

  @Test
  public void neitherCountNorBytesOutgrowAFrame() throws Exception {
    String longest = "/" + "x".repeat(65_000);
    for (int i = 0; i < 1000; i++) {
      queue.keep(answer(i % 2 == 0 ? "/f" : longest));
    }
    int reports = 0;
    while (queue.hasReport()) {
      assertTrue(encode().length < FrameType.GREATEST_LENGTH);
      queue.taken();
      reports++;
    }
    assertTrue(reports > 50);
  }

  private byte[] encode() throws UnsendableException {
    FrameWriter out = new FrameWriter();
    queue.encode(out);
    return Golden.bytes(out);
  }

  private static ReportedAnswer answer(String path) {
    Caller caller = new Caller("alice", null, null, null);
    Question question = new Question(Operation.READ, caller, HdfsPath.of(path), null);
    return new ReportedAnswer(0, Decision.DENY, Reason.UNAVAILABLE, FailureMode.DENY, question);
  }
}
