package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class CoverFileTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path path;
  private CoverFile file;

  @Before
  public void choosePath() {
    path = folder.getRoot().toPath().resolve("cover");
    file = new CoverFile(path);
  }

  @Test
  public void givesBackWhatWasSaved() throws IOException {
    assertNull(file.load());
    file.save(ByteBuffer.wrap(cover(7, "/data")));
    file.save(ByteBuffer.wrap(cover(8, "/data", "/more")));
    assertEquals(8, file.load().version);
    assertEquals(2, file.load().entries);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    assertFalse(Files.exists(path.resolveSibling("cover.new")));
  }

  @Test
  public void whatADeadProcessLeftIsReplaced() throws IOException {
    Files.writeString(path.resolveSibling("cover.new"), "half");
    file.save(ByteBuffer.wrap(cover(7, "/data")));
    assertEquals(7, file.load().version);
  }

  @Test
  public void everyCutIsRefused() throws IOException {
    byte[] whole = cover(7, "/data");
    for (int length = 0; length < whole.length; length++) {
      file.save(ByteBuffer.wrap(Arrays.copyOf(whole, length)));
      assertThrows("cut at " + length, IOException.class, file::load);
    }
    file.save(ByteBuffer.wrap(Arrays.copyOf(whole, whole.length + 1)));
    assertThrows("bytes left over", IOException.class, file::load);
  }

  @Test
  public void aFileThatOthersMayChangeIsRefused() throws IOException {
    file.save(ByteBuffer.wrap(cover(7, "/data")));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    assertThrows(IOException.class, file::load);
  }

  @Test
  public void aLinkIsRefused() throws IOException {
    new CoverFile(path.resolveSibling("target")).save(ByteBuffer.wrap(cover(7, "/data")));
    Files.createSymbolicLink(path, path.resolveSibling("target"));
    assertThrows(IOException.class, file::load);
  }

  @Test
  public void anOldCoverDoesNotOutliveOneThatCannotBeSaved() throws IOException {
    file.save(ByteBuffer.wrap(cover(7, "/data")));
    Files.createDirectory(path.resolveSibling("cover.new"));
    Files.writeString(path.resolveSibling("cover.new").resolve("in the way"), "");
    assertThrows(IOException.class, () -> file.save(ByteBuffer.wrap(cover(8, "/data", "/more"))));
    assertNull(file.load());
  }

  private static byte[] cover(long version, String... paths) {
    return Frames.cover(0, version, paths, new String[0], "somebody");
  }
}
