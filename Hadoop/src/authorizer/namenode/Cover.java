package authorizer.namenode;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What data sources cover, as the service has said. Immutable, and swapped whole.
 *
 * <p>A trie over whole components: a look-up costs at most one step for each component of the path, and ends at the
 * first that leads to nothing covered, however many paths are covered.
 */
final class Cover {
  /** What {@link #idOf} says of a path that nothing covers. Ids are unsigned 32-bit numbers. */
  static final long NONE = -1;

  /** The cover's version, chosen by the service. */
  final long version;

  /** How many paths it covers. */
  final int entries;

  /** Words on whom a reader should ask; empty where the service named nobody. */
  final String contact;

  private final Node root;
  private final Set<String> ignored;

  private Cover(Builder builder) {
    this.version = builder.version;
    this.entries = builder.entries;
    this.contact = builder.contact;
    this.root = builder.root;
    this.ignored = builder.ignored;
  }

  /**
   * The id of the deepest path that covers the given one, itself included.
   *
   * @return two paths have the same id exactly when the same data sources cover them; {@link #NONE} when none does
   */
  long idOf(HdfsPath path) {
    Node node = root;
    long id = node.id;
    for (int i = 0; i < path.length(); i++) {
      if (path.isDotSnapshot(i)) {
        i++;
        continue;
      }
      node = node.child(path.component(i));
      if (node == null) {
        return id;
      }
      if (node.id != NONE) {
        id = node.id;
      }
    }
    return id;
  }

  /** Whether a path strictly below the given one is listed as covered. */
  boolean hasEntryBelow(HdfsPath path) {
    Node node = root;
    for (int i = 0; i < path.length(); i++) {
      if (path.isDotSnapshot(i)) {
        i++;
        continue;
      }
      node = node.child(path.component(i));
      if (node == null) {
        return false;
      }
    }
    return node.children != null;
  }

  /** Whether this name, a principal or a short name, is on the list of ignored users. */
  boolean ignores(String name) {
    return ignored.contains(name);
  }

  /** A component; a node without children is itself an entry, since nothing else makes nodes. */
  private static final class Node {
    private Map<ByteBuffer, Node> children;
    private long id = NONE;

    Node child(byte[] component) {
      return children == null ? null : children.get(ByteBuffer.wrap(component));
    }

    Node childToBe(byte[] component) {
      if (children == null) {
        children = new HashMap<>();
      }
      return children.computeIfAbsent(ByteBuffer.wrap(component), name -> new Node());
    }
  }

  /** Gathers a cover. */
  static final class Builder {
    private final long version;
    private final Node root = new Node();
    private final Set<String> ignored = new HashSet<>();
    private String contact = "";
    private int entries;

    Builder(long version) {
      this.version = version;
    }

    /**
     * Covers a path and everything below it.
     *
     * @param path canonical, in bytes
     * @throws WireException when the path is not canonical, or is covered with another id already
     */
    Builder cover(byte[] path, long id) throws WireException {
      Node node = root;
      int start = 1;
      if (path.length == 0 || path[0] != '/') {
        throw notCanonical(path);
      }
      while (start < path.length) {
        int end = start;
        while (end < path.length && path[end] != '/') {
          end++;
        }
        byte[] component = Arrays.copyOfRange(path, start, end);
        if (!isName(component) || end == path.length - 1) {
          throw notCanonical(path);
        }
        node = node.childToBe(component);
        start = end + 1;
      }
      if (node.id != NONE && node.id != id) {
        throw new WireException("the cover gives two ids to `" + HdfsPath.utf8(path) + "`");
      }
      if (node.id == NONE) {
        entries++;
      }
      node.id = id;
      return this;
    }

    Builder ignore(String name) {
      ignored.add(name);
      return this;
    }

    Builder contact(String words) {
      contact = words;
      return this;
    }

    Cover build() {
      return new Cover(this);
    }

    private static boolean isName(byte[] component) {
      boolean dots = component.length <= 2;
      for (byte b : component) {
        dots &= b == '.';
      }
      return !dots;
    }

    private static WireException notCanonical(byte[] path) {
      return new WireException("the cover names a path that is not canonical: `" + HdfsPath.utf8(path) + "`");
    }
  }
}
