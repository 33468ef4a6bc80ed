package authorizer.namenode;

import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.permission.AclEntry;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.fs.permission.PermissionStatus;
import org.apache.hadoop.hdfs.server.namenode.AclStorage;
import org.apache.hadoop.hdfs.server.namenode.INode;
import org.apache.hadoop.hdfs.server.namenode.INodeDirectory;
import org.apache.hadoop.hdfs.server.namenode.INodeFile;

/** Real inodes, as the NameNode would hand them over, without a NameNode. */
public final class Namespace {
  private static final PermissionStatus OWNED =
      new PermissionStatus("owner", "group", FsPermission.createImmutable((short) 0700));

  private static final PermissionStatus OPEN =
      new PermissionStatus("owner", "group", FsPermission.createImmutable((short) 0755));

  private Namespace() {}

  /** A root that everybody may pass. */
  public static INodeDirectory openRoot() {
    return new INodeDirectory(1, new byte[0], OPEN, 0);
  }

  static INodeDirectory root() {
    return new INodeDirectory(1, new byte[0], OWNED, 0);
  }

  /** A directory of this name in another. */
  static INodeDirectory directory(INodeDirectory parent, String name) {
    INodeDirectory made = new INodeDirectory(2, bytes(name), OWNED, 0);
    made.setParent(parent);
    return made;
  }

  /** A file of this name in a directory. */
  static INodeFile file(INodeDirectory parent, String name) {
    return file(parent, name, OWNED);
  }

  /** A file with this owner, group and mode. */
  public static INodeFile file(INodeDirectory parent, String name, PermissionStatus status) {
    try {
      for (Constructor<?> constructor : INodeFile.class.getDeclaredConstructors()) {
        Class<?>[] types = constructor.getParameterTypes();
        if (types.length == 8) {
          constructor.setAccessible(true);
          Object blocks = Array.newInstance(types[5].getComponentType(), 0);
          INodeFile made = (INodeFile) constructor.newInstance(3L, bytes(name), status, 0L, 0L, blocks, (short) 1, 1024L);
          made.setParent(parent);
          return made;
        }
      }
      throw new AssertionError("no constructor for a file");
    } catch (ReflectiveOperationException failure) {
      throw new AssertionError(failure);
    }
  }

  /** Gives an inode an ACL: all its entries, in Hadoop's order. */
  public static void setAcl(INode inode, String entries) throws IOException {
    AclStorage.updateINodeAcl(inode, AclEntry.parseAclSpec(entries, true), 0x7ffffffe);
  }

  /** The components of a path as the NameNode has them: the root's is empty. */
  public static byte[][] components(String path) {
    return INode.getPathComponents(path);
  }

  private static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }
}
