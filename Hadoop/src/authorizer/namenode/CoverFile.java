package authorizer.namenode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Map;

/**
 * The last known cover on disk, so that a NameNode that starts while the service is down knows what is protected. Holds
 * the {@code cover} frames that brought it.
 */
final class CoverFile {
  private static final int OTHERS_MAY = 077;

  private final Path path;

  CoverFile(Path path) {
    this.path = path;
  }

  /**
   * Reads the cover.
   *
   * @return null when there is no such file
   * @throws IOException when it cannot be read, holds no cover, or is not this process's user's alone to change
   */
  Cover load() throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return null;
    }
    checkOwner();
    return CoverParts.decode(Files.readAllBytes(path));
  }

  /**
   * Replaces the file: whoever reads it, after a crash at any moment, finds the old cover or the new one. When it
   * cannot be replaced it is removed, since an old cover would leave unprotected what the new one protects.
   */
  void save(ByteBuffer frames) throws IOException {
    try {
      replace(frames);
    } catch (IOException failure) {
      Files.deleteIfExists(path);
      throw failure;
    }
  }

  private void replace(ByteBuffer frames) throws IOException {
    Path written = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(written);
    try (FileChannel file =
        FileChannel.open(
            written,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      while (frames.hasRemaining()) {
        file.write(frames);
      }
      file.force(true);
    }
    Files.move(written, path, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory = FileChannel.open(path.getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private void checkOwner() throws IOException {
    Map<String, Object> file = Files.readAttributes(path, "unix:uid,mode,isRegularFile", LinkOption.NOFOLLOW_LINKS);
    if (!Boolean.TRUE.equals(file.get("isRegularFile"))) {
      throw new IOException("`" + path + "` is not a regular file");
    }
    Object self = Files.getAttribute(Paths.get("/proc/self"), "unix:uid");
    if (!self.equals(file.get("uid"))) {
      throw new IOException("`" + path + "` belongs to uid " + file.get("uid") + ", not to the NameNode's " + self);
    }
    if (((int) file.get("mode") & OTHERS_MAY) != 0) {
      throw new IOException("`" + path + "` is open to others: its mode must be 0600");
    }
  }
}
