package authorizer.crawler;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.Test;

/** Requests as the service writes them, and what is none. */
public class RequestTest {
  @Test
  public void everyFieldIsRead() throws IOException {
    Request request = read(bytes(Request.MAGIC, Request.VERSION, 4));
    assertEquals("etl@EXAMPLE.COM", request.principal);
    assertEquals("/etc/etl.keytab", request.keytab);
    assertEquals(
        List.of(4, 100, 200, 600),
        List.of(request.threads, request.callsPerSecond, request.checks, request.retrySeconds));
    assertTrue(request.descends);
    assertEquals(List.of("/data/b"), request.excluded);
    assertEquals(List.of("/data", "/größe"), request.starts);
  }

  @Test
  public void nothingAfterItIsTaken() throws IOException {
    byte[] one = bytes(Request.MAGIC, Request.VERSION, 4);
    ByteArrayInputStream in = new ByteArrayInputStream(Arrays.copyOf(one, one.length + 1));
    Request.read(new DataInputStream(in));
    assertEquals(1, in.available());
  }

  @Test
  public void anyCutIsRefused() throws IOException {
    byte[] whole = bytes(Request.MAGIC, Request.VERSION, 4);
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThrows("of " + length + " bytes", EOFException.class, () -> read(part));
    }
  }

  @Test
  public void whatIsWrongIsNamed() throws IOException {
    assertRefused("no crawl request", bytes(7, Request.VERSION, 4));
    assertRefused("version 9 and this crawler reads 1", bytes(Request.MAGIC, 9, 4));
    assertRefused("threads is 0", bytes(Request.MAGIC, Request.VERSION, 0));
    byte[] longText = bytes(Request.MAGIC, Request.VERSION, 4);
    Arrays.fill(longText, 8, 12, (byte) 0x7f);
    assertRefused("a text of 2139062143 bytes", longText);
  }

  private static void assertRefused(String words, byte[] bytes) {
    IOException refused = assertThrows(IOException.class, () -> read(bytes));
    assertTrue(refused.getMessage(), refused.getMessage().contains(words));
    assertFalse(refused instanceof EOFException);
  }

  private static Request read(byte[] bytes) throws IOException {
    return Request.read(new DataInputStream(new ByteArrayInputStream(bytes)));
  }

  private static byte[] bytes(int magic, int version, int threads) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(magic);
    out.writeInt(version);
    text(out, "etl@EXAMPLE.COM");
    text(out, "/etc/etl.keytab");
    for (int number : new int[] {threads, 100, 200, 600, 1}) {
      out.writeInt(number);
    }
    texts(out, "/data/b");
    texts(out, "/data", "/größe");
    return bytes.toByteArray();
  }

  private static void texts(DataOutputStream out, String... texts) throws IOException {
    out.writeInt(texts.length);
    for (String text : texts) {
      text(out, text);
    }
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }
}
