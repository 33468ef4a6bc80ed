package authorizer.namenode;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributes;
import org.apache.hadoop.hdfs.server.namenode.INodeDirectory;
import org.apache.hadoop.hdfs.server.namenode.INodeFile;
import org.junit.Test;

/** The plug-in writes and reads the golden frames that the service's tests write and read. */
public class GoldenWireTest {
  private static final Caller ALICE = new Caller("alice@EXAMPLE.COM", null, null, null);
  private static final HdfsPath PART_0 = HdfsPath.of("/data/sales/2024/part-0");

  @Test
  public void writesHello() throws IOException {
    FrameWriter out = new FrameWriter();
    ServiceConnection.encodeHello(out, 1, "namenode/1");
    assertWrites("hello", out);
  }

  @Test
  public void writesQuestion() throws IOException {
    FrameWriter out = new FrameWriter().begin(FrameType.ASK, 7).u16(1);
    new Question(Operation.READ, ALICE, PART_0, null).encode(out);
    assertWrites("ask-read", out.end());
  }

  @Test
  public void writesQuestionsWithEveryField() throws IOException {
    FrameWriter out = new FrameWriter().begin(FrameType.ASK, 8).u16(3);
    Caller bob = new Caller("bob", "etl@EXAMPLE.COM", "192.0.2.7", "SPARK_TASK_app-1_JId_0_SId_0_0_TId_0_0");
    new Question(Operation.READ, bob, HdfsPath.of("/data/sales/.snapshot/s1/caf\u00e9"), null).encode(out);
    Caller carol = new Caller("carol@EXAMPLE.COM", null, "2001:db8::7", null);
    new Question(Operation.TRAVERSE, carol, HdfsPath.of("/data/hr/2024"), null).encode(out);
    Caller hive = new Caller("hive/h1.example.com@EXAMPLE.COM", "oozie@EXAMPLE.COM", "192.0.2.8", "CLI");
    new Question(Operation.MOVE, hive, HdfsPath.of("/data/hr/a"), HdfsPath.of("/tmp/a")).encode(out);
    assertWrites("ask-batch", out.end());
  }

  @Test
  public void writesQuestionThatOffersPermissions() throws IOException {
    FrameWriter out = new FrameWriter().begin(FrameType.ASK, 23).u16(1);
    new Question(Operation.READ, ALICE, PART_0, null).encodeOffering(out);
    assertWrites("ask-offering", out.end());
  }

  @Test
  public void writesQuestionWithPermissions() throws Exception {
    INodeDirectory root = Namespace.root();
    INodeDirectory data = Namespace.directory(root, "data");
    Namespace.setAcl(data, "user::rwx,group::---,other::---,default:user::rwx,default:user:etl:rwx,default:group::---,"
        + "default:mask::rwx,default:other::---");
    INodeFile file = Namespace.file(data, "f");
    Namespace.setAcl(file, "user::rw-,user:etl:r-x,group::---,group:staff:r--,mask::r--,other::---");
    FrameWriter out = new FrameWriter().begin(FrameType.ASK, 24).u16(1);
    new Question(Operation.READ, ALICE, HdfsPath.of("/data/f"), null)
        .encodeWith(PathPermissions.of(new INodeAttributes[] {root, data, file}), out);
    assertWrites("ask-permissions", out.end());
  }

  @Test
  public void writesQuestionWithHandles() throws IOException {
    byte[] handles = new byte[64];
    for (int i = 0; i < 32; i++) {
      handles[i] = (byte) i;
      handles[32 + i] = (byte) (255 - i);
    }
    Caller alice = new Caller("alice@EXAMPLE.COM", null, null, "SPARK_TASK_app-1_JId_0_SId_0_0_TId_0_0");
    FrameWriter out = new FrameWriter().begin(FrameType.ASK, 27).u16(1);
    Question.withHandles(Operation.READ, alice, HdfsPath.of("/data/f"), handles).encode(out);
    assertWrites("ask-handles", out.end());
  }

  @Test
  public void offersNoPermissionsThatItDoesNotKnow() {
    INodeDirectory root = Namespace.root();
    INodeDirectory data = Namespace.directory(root, "data");
    assertNotNull(PathPermissions.of(new INodeAttributes[] {root, data}));
    assertNull(PathPermissions.of(new INodeAttributes[] {data}));
    assertNull(PathPermissions.of(new INodeAttributes[] {root, null, data}));
    INodeAttributes[] deep = new INodeAttributes[257];
    Arrays.fill(deep, root);
    assertNull(PathPermissions.of(deep));
  }

  @Test
  public void writesPathThatIsNotUtf8() throws IOException {
    byte[][] components = {null, {'d', 'a', 't', 'a'}, {(byte) 0xff, (byte) 0xfe}};
    FrameWriter out = new FrameWriter().begin(FrameType.ASK, 22).u16(1);
    new Question(Operation.READ, ALICE, HdfsPath.ofCheck(components, null, null), null).encode(out);
    assertWrites("ask-path-not-utf8", out.end());
  }

  @Test
  public void writesWatchCoverTakenAndPing() {
    assertWrites("watch", new FrameWriter().begin(FrameType.WATCH, 2).end());
    assertWrites("cover-taken", new FrameWriter().begin(FrameType.COVER_TAKEN, 0).u64(7).end());
    byte[] any = {(byte) 0xde, (byte) 0xad, (byte) 0xbe, (byte) 0xef};
    assertWrites("ping", new FrameWriter().begin(FrameType.PING, 10).raw(any).end());
  }

  @Test
  public void writesReport() throws IOException {
    ReportQueue queue = new ReportQueue(0x0123456789abcdefL, 2000);
    Question before = new Question(Operation.READ, ALICE, HdfsPath.of("/before"), null);
    while (queue.size() < 1000) {
      queue.keep(new ReportedAnswer(0, Decision.DENY, Reason.UNAVAILABLE, FailureMode.DENY, before));
    }
    while (queue.hasReport()) {
      queue.encode(new FrameWriter());
      queue.taken();
    }
    Question denied = new Question(Operation.READ, new Caller("alice@EXAMPLE.COM", null, "192.0.2.7", null), PART_0, null);
    queue.keep(new ReportedAnswer(1_700_000_000_123L, Decision.DENY, Reason.UNAVAILABLE, FailureMode.DENY, denied));
    Caller bob = new Caller("bob", "etl@EXAMPLE.COM", null, null);
    Question allowed = new Question(Operation.READ, bob, HdfsPath.of("/data/sales/2024/part-1"), null);
    queue.keep(new ReportedAnswer(1_700_000_000_456L, Decision.ALLOW, Reason.SUBSCRIBED, FailureMode.STALE, allowed));
    Question superuser = new Question(Operation.READ, new Caller("hdfs", null, null, null), PART_0, null);
    queue.keep(new ReportedAnswer(1_700_000_000_789L, Decision.NATIVE, Reason.SUPERUSER, null, superuser));
    for (int i = 0; i < 5; i++) {
      queue.countNotKept();
    }
    FrameWriter out = new FrameWriter().begin(FrameType.REPORT, 9);
    queue.encode(out);
    assertWrites("report", out.end());
  }

  @Test
  public void readsAllow() throws IOException {
    Answer answer = answers("answers-allow", 7, 1)[0];
    assertAnswer(answer, Decision.ALLOW, Reason.SUBSCRIBED, false, true, 1500, "sales", "");
  }

  @Test
  public void readsDeny() throws IOException {
    Answer answer = answers("answers-deny", 7, 1)[0];
    String words = "not subscribed to data source `sales`: ask data-office@example.com";
    assertAnswer(answer, Decision.DENY, Reason.NOT_SUBSCRIBED, false, false, 0, "sales", words);
  }

  @Test
  public void readsNative() throws IOException {
    Answer answer = answers("answers-native", 7, 1)[0];
    assertAnswer(answer, Decision.NATIVE, Reason.UNMAPPED_USER, false, false, 0, "sales", "");
  }

  @Test
  public void readsThatPermissionsAreWanted() throws IOException {
    Answer answer = answers("answers-wants-permissions", 23, 1)[0];
    assertTrue(answer.wantsPermissions);
    assertAnswer(answer, Decision.NATIVE, Reason.NOT_IN_CATALOGUE, false, false, 0, "", "");
    assertFalse(answers("answers-native", 7, 1)[0].wantsPermissions);
  }

  @Test
  public void readsSeveralAnswers() throws IOException {
    Answer[] answers = answers("answers-batch", 8, 3);
    assertAnswer(answers[0], Decision.ALLOW, Reason.SUBSCRIBED, true, true, 599_999, "sales", "");
    assertAnswer(answers[1], Decision.NATIVE, Reason.NOT_SUBSCRIBED, false, false, 0, "hr", "");
    String words = "`/data/hr/a` may not leave data source `hr`";
    assertAnswer(answers[2], Decision.DENY, Reason.LEAVES_COVER, false, false, 0, "hr", words);
  }

  @Test
  public void readsWelcome() throws IOException {
    Loopback service = new Loopback(Golden.frame("welcome"));
    ServiceConnection connection = new ServiceConnection(service);
    connection.greet(null);
    assertTrue(connection.isWelcomed());
  }

  @Test
  public void readsErrors() throws IOException {
    FrameReader frame = read("error-version", FrameType.ERROR, 1);
    ServiceErrorException version = ServiceErrorException.decode(1, frame.body());
    assertEquals(1, version.code);
    assertTrue(version.endsConnection);
    assertEquals(
        "error 1 from the service: version 99 is not supported: this service understands version 1", version.getMessage());
    ServiceErrorException unavailable =
        ServiceErrorException.decode(7, read("error-unavailable", FrameType.ERROR, 7).body());
    assertEquals(9, unavailable.code);
    assertFalse(unavailable.endsConnection);
    assertEquals("error 9 from the service: the policy store cannot be read", unavailable.getMessage());
  }

  @Test
  public void readsCover() throws IOException {
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    parts.write(Golden.frame("cover-first"));
    parts.write(Golden.frame("cover-last"));
    Cover cover = CoverParts.decode(parts.toByteArray());
    assertEquals(7, cover.version);
    assertEquals(4, cover.entries);
    assertEquals(1, cover.idOf(HdfsPath.of("/data/sales")));
    assertEquals(2, cover.idOf(HdfsPath.of("/data/hr")));
    assertEquals(2, cover.idOf(HdfsPath.of("/warehouse/hr.db/people")));
    assertEquals(3, cover.idOf(HdfsPath.of("/data/sales/2024/part-9")));
    assertEquals(Cover.NONE, cover.idOf(HdfsPath.of("/data")));
    assertTrue(cover.ignores("hdfs"));
    assertTrue(cover.ignores("backup/nn1.example.com@EXAMPLE.COM"));
    assertFalse(cover.ignores("backup"));
    assertEquals("data-office@example.com", cover.contact);
  }

  @Test
  public void readsEmptyCover() throws IOException {
    Cover cover = CoverParts.decode(Golden.frame("cover-empty"));
    assertEquals(8, cover.version);
    assertEquals(0, cover.entries);
    assertEquals(Cover.NONE, cover.idOf(HdfsPath.of("/")));
  }

  @Test
  public void readsPongAndReportTaken() throws IOException {
    byte[] any = {(byte) 0xde, (byte) 0xad, (byte) 0xbe, (byte) 0xef};
    assertArrayEquals(any, read("pong", FrameType.PONG, 10).body().rest());
    read("report-taken", FrameType.REPORT_TAKEN, 9).body().end();
  }

  @Test
  public void refusesWhatIsNoFrame() {
    assertThrows(WireException.class, () -> FrameReader.over(Golden.frame("malformed-length")).next(null));
    assertThrows(WireException.class, () -> FrameReader.over(Golden.frame("malformed-oversized")).next(null));
    assertThrows(EOFException.class, () -> FrameReader.over(Golden.frame("malformed-truncated")).next(null));
  }

  @Test
  public void everyCutOfAFrameIsAnEndAndEveryCutOfABodyIsMalformed() throws IOException {
    for (String name : new String[] {"answers-deny", "cover-first", "error-version", "welcome"}) {
      byte[] whole = Golden.frame(name);
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThrows(EOFException.class, () -> FrameReader.over(cut).next(null));
        if (length >= 9) {
          ByteBuffer.wrap(cut).putInt(length - 4);
          assertThrows(name + " " + length, WireException.class, () -> decode(cut));
        }
      }
    }
  }

  private static void decode(byte[] frame) throws IOException {
    FrameReader reader = FrameReader.over(frame);
    reader.next(null);
    switch (reader.type()) {
      case FrameType.ANSWERS:
        reader.body().u16();
        Answer.decode(reader.body());
        return;
      case FrameType.COVER:
        new CoverParts().add(reader.body());
        return;
      case FrameType.ERROR:
        ServiceErrorException.decode(0, reader.body());
        return;
      default:
        new ServiceConnection(new Loopback(frame)).greet(null);
    }
  }

  private static void assertWrites(String name, FrameWriter out) {
    assertArrayEquals(Golden.frame(name), Golden.bytes(out));
  }

  private static FrameReader read(String name, int type, int request) throws IOException {
    FrameReader reader = FrameReader.over(Golden.frame(name));
    reader.next(null);
    assertEquals(type, reader.type());
    assertEquals(request, reader.request());
    assertTrue(reader.isBetweenFrames());
    return reader;
  }

  private static Answer[] answers(String name, int request, int count) throws IOException {
    FrameBody body = read(name, FrameType.ANSWERS, request).body();
    assertEquals(count, body.u16());
    Answer[] answers = new Answer[count];
    for (int i = 0; i < count; i++) {
      answers[i] = Answer.decode(body);
    }
    body.end();
    return answers;
  }

  private static void assertAnswer(
      Answer answer,
      Decision decision,
      Reason reason,
      boolean nativeToo,
      boolean fromCache,
      long age,
      String source,
      String message) {
    assertEquals(decision, answer.decision);
    assertEquals(reason, answer.reason);
    assertEquals(nativeToo, answer.nativeToo);
    assertEquals(fromCache, answer.fromCache);
    assertEquals(42, answer.policyVersion);
    assertEquals(age, answer.ageMillis);
    assertEquals(source, answer.dataSource);
    assertEquals(message, answer.message);
  }

  @Test
  public void whatIsNotKnownIsDenied() throws IOException {
    FrameWriter unknownDecision = new FrameWriter().u8(9).u8(14).u8(0).u8(0).u64(1).u32(0).str("").str("");
    byte[] bytes = Golden.bytes(unknownDecision);
    assertEquals(Decision.DENY, Answer.decode(new FrameBody(bytes, 0, bytes.length)).decision);
    FrameWriter unknownReason = new FrameWriter().u8(1).u8(99).u8(0).u8(0).u64(1).u32(0).str("").str("");
    byte[] others = Golden.bytes(unknownReason);
    Answer answer = Answer.decode(new FrameBody(others, 0, others.length));
    assertEquals(Decision.DENY, answer.decision);
    assertNull(answer.reason);
    FrameWriter unknownFlag = new FrameWriter().u8(1).u8(14).u8(8).u8(0).u64(1).u32(0).str("").str("");
    byte[] flagged = Golden.bytes(unknownFlag);
    assertThrows(WireException.class, () -> Answer.decode(new FrameBody(flagged, 0, flagged.length)));
  }

  /** A connection whose other side has said all it will say. */
  private static final class Loopback implements Connection {
    private final ByteBuffer said;

    Loopback(byte[] said) {
      this.said = ByteBuffer.wrap(said);
    }

    @Override
    public int read(ByteBuffer into, Deadline deadline) {
      if (!said.hasRemaining()) {
        return -1;
      }
      into.put(said.get());
      return 1;
    }

    @Override
    public void write(ByteBuffer bytes, Deadline deadline) {
      bytes.position(bytes.limit());
    }

    @Override
    public void close() {}
  }
}
