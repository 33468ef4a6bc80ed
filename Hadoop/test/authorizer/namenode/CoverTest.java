package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.Test;

public class CoverTest {
  @Test
  public void coversByWholeComponents() throws WireException {
    Cover cover = cover(Map.of("/data/a", 1L));
    assertEquals(1, idOf(cover, "/data/a"));
    assertEquals(1, idOf(cover, "/data/a/b/c"));
    assertEquals(Cover.NONE, idOf(cover, "/data/ab"));
    assertEquals(Cover.NONE, idOf(cover, "/data"));
    assertEquals(Cover.NONE, idOf(cover, "/"));
  }

  @Test
  public void deepestWins() throws WireException {
    Cover cover = cover(Map.of("/data", 1L, "/data/a/b", 2L, "/data/a/b/f", 3L));
    assertEquals(1, idOf(cover, "/data/a"));
    assertEquals(2, idOf(cover, "/data/a/b/g"));
    assertEquals(3, idOf(cover, "/data/a/b/f"));
    assertEquals(1, idOf(cover, "/data/a/c"));
  }

  @Test
  public void rootMayBeCovered() throws WireException {
    Cover cover = cover(Map.of("/", 9L));
    assertEquals(9, idOf(cover, "/"));
    assertEquals(9, idOf(cover, "/tmp/f"));
  }

  @Test
  public void greatestIdIsNoNone() throws WireException {
    assertEquals(0xffffffffL, idOf(cover(Map.of("/a", 0xffffffffL)), "/a/b"));
  }

  @Test
  public void snapshotIsAsProtectedAsItsDirectory() throws WireException {
    Cover cover = cover(Map.of("/data/a", 1L, "/data/a/deep/f", 2L));
    assertEquals(1, idOf(cover, "/data/a/.snapshot/s1/f"));
    assertEquals(2, idOf(cover, "/data/a/.snapshot/s1/deep/f"));
    assertEquals(1, idOf(cover, "/data/.snapshot/s1/a/f"));
    assertEquals(1, idOf(cover, "/.snapshot/s1/data/a/f"));
    assertEquals(Cover.NONE, idOf(cover, "/data/.snapshot/a"));
    assertEquals(1, idOf(cover, "/data/a/.snapshot"));
    assertEquals(1, idOf(cover, "/data/a/.snapshot/.snapshot"));
  }

  @Test
  public void knowsWhatLiesBelow() throws WireException {
    Cover cover = cover(Map.of("/data/a/b", 1L));
    assertTrue(cover.hasEntryBelow(HdfsPath.of("/")));
    assertTrue(cover.hasEntryBelow(HdfsPath.of("/data")));
    assertTrue(cover.hasEntryBelow(HdfsPath.of("/data/a")));
    assertFalse(cover.hasEntryBelow(HdfsPath.of("/data/a/b")));
    assertFalse(cover.hasEntryBelow(HdfsPath.of("/data/ab")));
    assertFalse(cover.hasEntryBelow(HdfsPath.of("/data/a/b/c")));
  }

  @Test
  public void refusesWhatIsNotCanonical() {
    for (String path : new String[] {"", "data", "/a/", "//a", "/a//b", "/a/./b", "/a/..", "//", "/./a"}) {
      assertThrows(path, WireException.class, () -> cover(Map.of(path, 1L)));
    }
  }

  @Test
  public void refusesTwoIdsForOnePath() throws WireException {
    Cover.Builder builder = new Cover.Builder(1).cover(bytes("/a"), 1).cover(bytes("/a"), 1);
    assertThrows(WireException.class, () -> builder.cover(bytes("/a"), 2));
    assertEquals(1, builder.build().entries);
  }

  @Test
  public void partsMustFollowEachOther() throws WireException {
    byte[] last = part(7, 2);
    assertThrows("the first is missing", WireException.class, () -> add(new CoverParts(), last));
    CoverParts parts = new CoverParts();
    add(parts, part(6, 1));
    assertThrows("of another version", WireException.class, () -> add(parts, last));
    assertThrows("what was gathered is gone", WireException.class, () -> add(parts, part(6, 2)));
    assertThrows("an unknown flag", WireException.class, () -> add(new CoverParts(), part(7, 4)));
  }

  /** The trie and the plainest possible look-up never differ. */
  @Test
  public void agreesWithAModel() throws WireException {
    Random random = new Random(20240131);
    for (int round = 0; round < 300; round++) {
      Map<String, Long> entries = new TreeMap<>();
      for (int i = random.nextInt(12); i > 0; i--) {
        String path = path(random, 4);
        entries.put(path, (long) path.hashCode() & 0xff);
      }
      Cover cover = cover(entries);
      for (int i = 0; i < 200; i++) {
        String path = path(random, 6);
        assertEquals(entries + " " + path, modelIdOf(entries, path), idOf(cover, path));
        boolean below = entries.keySet().stream().anyMatch(entry -> isBelow(entry, path));
        assertEquals(entries + " " + path, below, cover.hasEntryBelow(HdfsPath.of(path)));
      }
    }
  }

  private static long modelIdOf(Map<String, Long> entries, String path) {
    for (String ancestor = path; ; ancestor = ancestor.substring(0, Math.max(1, ancestor.lastIndexOf('/')))) {
      if (entries.containsKey(ancestor)) {
        return entries.get(ancestor);
      }
      if (ancestor.equals("/")) {
        return Cover.NONE;
      }
    }
  }

  private static boolean isBelow(String entry, String path) {
    return !entry.equals(path) && entry.startsWith(path.equals("/") ? "/" : path + "/");
  }

  private static String path(Random random, int greatestDepth) {
    StringBuilder path = new StringBuilder();
    for (int i = random.nextInt(greatestDepth + 1); i > 0; i--) {
      path.append('/').append("abc", 0, 1 + random.nextInt(2));
    }
    return path.length() == 0 ? "/" : path.toString();
  }

  private static Cover cover(Map<String, Long> entries) throws WireException {
    Cover.Builder builder = new Cover.Builder(1);
    for (Map.Entry<String, Long> entry : entries.entrySet()) {
      builder.cover(bytes(entry.getKey()), entry.getValue());
    }
    return builder.build();
  }

  private static long idOf(Cover cover, String path) {
    return cover.idOf(HdfsPath.of(path));
  }

  private static byte[] bytes(String path) {
    return path.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] part(long version, int flags) {
    return Golden.bytes(new FrameWriter().u64(version).u8(flags).u32(0));
  }

  private static Cover add(CoverParts parts, byte[] body) throws WireException {
    return parts.add(new FrameBody(body, 0, body.length));
  }
}
