package authorizer.namenode;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.hdfs.server.namenode.INode;

/**
 * An absolute path as the NameNode holds it: components of bytes, the root's left out. Immutable, and shares the
 * NameNode's arrays.
 *
 * <p>Two readings of it are needed: whole, as it is sent to the service, and without {@code .snapshot/<name>}, as the
 * cover is looked up, so that a snapshot of a protected directory is as protected as the directory itself.
 */
final class HdfsPath {
  private static final byte[] DOT_SNAPSHOT = ".snapshot".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DOT_RESERVED = ".reserved".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] RAW = "raw".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DOT_INODES = ".inodes".getBytes(StandardCharsets.US_ASCII);

  private final byte[][] components;
  private final int first;

  private HdfsPath(byte[][] components, int first) {
    this.components = components;
    this.first = first;
  }

  /** The path that a string spells. */
  static HdfsPath of(String path) {
    List<byte[]> names = new ArrayList<>();
    for (String name : path.split("/")) {
      if (!name.isEmpty()) {
        names.add(name.getBytes(StandardCharsets.UTF_8));
      }
    }
    return new HdfsPath(names.toArray(new byte[0][]), 0);
  }

  /**
   * The path that a client has named. What it named by {@code /.reserved/raw} is found; what it named by the number of
   * its inode stays as it is.
   */
  static HdfsPath ofName(String path) {
    HdfsPath found = of(path);
    return found.length() > 2 && found.isReserved(RAW) ? new HdfsPath(found.components, found.first + 2) : found;
  }

  /** Whether it names an inode by its number, so that no cover can say what covers it. */
  boolean isInodeNumber() {
    return isReserved(DOT_INODES);
  }

  private boolean isReserved(byte[] kind) {
    return length() >= 2 && Arrays.equals(component(0), DOT_RESERVED) && Arrays.equals(component(1), kind);
  }

  /**
   * The path that a permission check is about.
   *
   * <p>{@code FSDirectory.resolveComponents} has replaced {@code /.reserved/raw} and {@code /.reserved/.inodes} before
   * a check on Hadoop 2.7.4 and 3.3.6. Should another version not do so, they are replaced here.
   *
   * @param components the components, the root's being null or empty; null where the NameNode gave none
   * @param path the path; null where the NameNode gave none
   * @param target the inode that the path ends at; null if it does not exist
   * @throws IllegalArgumentException when none of them says what the path is
   */
  static HdfsPath ofCheck(byte[][] components, String path, INode target) {
    HdfsPath found = named(components, path, target);
    if (found.isReserved(RAW)) {
      return new HdfsPath(found.components, found.first + 2);
    }
    if (found.isReserved(DOT_INODES) && target != null) {
      return of(target.getFullPathName());
    }
    return found;
  }

  private static HdfsPath named(byte[][] components, String path, INode target) {
    if (components != null && components.length > 0) {
      int first = components[0] == null || components[0].length == 0 ? 1 : 0;
      for (int i = first; i < components.length; i++) {
        if (components[i] == null) {
          throw new IllegalArgumentException("component " + i + " of a path is null");
        }
      }
      return new HdfsPath(splitSnapshots(components), first);
    }
    if (path != null) {
      return of(path);
    }
    if (target != null) {
      return of(target.getFullPathName());
    }
    throw new IllegalArgumentException("a check has neither components nor a path nor an inode");
  }

  /**
   * Hadoop 3.3.6 hands the root of a snapshot over under the local name of its inode, {@code .snapshot/<name>}: one
   * element that is two components.
   */
  private static byte[][] splitSnapshots(byte[][] components) {
    for (int i = 0; i < components.length; i++) {
      if (isSnapshotRoot(components[i])) {
        byte[][] split = new byte[components.length + 1][];
        System.arraycopy(components, 0, split, 0, i);
        split[i] = DOT_SNAPSHOT;
        split[i + 1] = Arrays.copyOfRange(components[i], DOT_SNAPSHOT.length + 1, components[i].length);
        System.arraycopy(components, i + 1, split, i + 2, components.length - i - 1);
        return split;
      }
    }
    return components;
  }

  private static boolean isSnapshotRoot(byte[] component) {
    return component != null
        && component.length > DOT_SNAPSHOT.length + 1
        && component[DOT_SNAPSHOT.length] == '/'
        && component[0] == '.';
  }

  /** Number of components, {@code .snapshot/<name>} included. */
  int length() {
    return components.length - first;
  }

  byte[] component(int index) {
    return components[first + index];
  }

  /** Whether the component is the one behind which the name of a snapshot stands. HDFS lets nothing else be so called. */
  boolean isDotSnapshot(int index) {
    return Arrays.equals(component(index), DOT_SNAPSHOT);
  }

  /** Bytes that {@link #putInto} writes. */
  int byteLength() {
    int bytes = 0;
    for (int i = 0; i < length(); i++) {
      bytes += 1 + component(i).length;
    }
    return Math.max(bytes, 1);
  }

  /** Writes the path, beginning with a slash. */
  void putInto(ByteBuffer buffer) {
    if (length() == 0) {
      buffer.put((byte) '/');
    }
    for (int i = 0; i < length(); i++) {
      buffer.put((byte) '/').put(component(i));
    }
  }

  @Override
  public String toString() {
    ByteBuffer bytes = ByteBuffer.allocate(byteLength());
    putInto(bytes);
    return utf8(bytes.array());
  }

  /** A path's bytes as text for a message; what is not UTF-8 is replaced. */
  static String utf8(byte[] path) {
    return new String(path, StandardCharsets.UTF_8);
  }
}
