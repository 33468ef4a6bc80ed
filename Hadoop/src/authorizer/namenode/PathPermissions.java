package authorizer.namenode;

import java.util.List;
import org.apache.hadoop.fs.permission.AclEntry;
import org.apache.hadoop.fs.permission.AclEntryScope;
import org.apache.hadoop.fs.permission.AclEntryType;
import org.apache.hadoop.hdfs.server.namenode.AclStorage;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributes;

/**
 * Who may do what with each component of a path, from the root to the file, as the NameNode holds it. Reads the
 * NameNode's own inodes: good for as long as the check lasts, on its thread.
 */
final class PathPermissions {
  private static final int ACL_USER = 0;
  private static final int ACL_GROUP = 1;
  private static final int MODE_BITS = 01777;
  private static final int GREATEST_DEPTH = 256;

  private final INodeAttributes[] inodes;

  private PathPermissions(INodeAttributes[] inodes) {
    this.inodes = inodes;
  }

  /**
   * The permissions along a path.
   *
   * @param inodes as the NameNode hands them to a check
   * @return null where they do not begin with the root, do not reach the file, or are too many
   */
  static PathPermissions of(INodeAttributes[] inodes) {
    if (inodes.length > GREATEST_DEPTH) {
      return null;
    }
    for (INodeAttributes inode : inodes) {
      if (inode == null) {
        return null;
      }
    }
    byte[] first = inodes[0].getLocalNameBytes();
    return first == null || first.length == 0 ? new PathPermissions(inodes) : null;
  }

  /**
   * Writes them.
   *
   * @throws UnsendableException when a name is longer than the wire can carry
   */
  void encode(FrameWriter out) throws UnsendableException {
    out.u16(inodes.length);
    for (INodeAttributes inode : inodes) {
      out.str(inode.getUserName()).str(inode.getGroupName()).u16(inode.getFsPermissionShort() & MODE_BITS);
      encodeAcl(AclStorage.readINodeAcl(inode), out);
    }
  }

  private static void encodeAcl(List<AclEntry> acl, FrameWriter out) throws UnsendableException {
    int count = 0;
    for (AclEntry entry : acl) {
      count += isSent(entry) ? 1 : 0;
    }
    out.u16(count);
    for (AclEntry entry : acl) {
      if (isSent(entry)) {
        out.u8(entry.getType() == AclEntryType.USER ? ACL_USER : ACL_GROUP).u8(entry.getPermission().ordinal());
        out.str(entry.getName() == null ? "" : entry.getName());
      }
    }
  }

  /** Default entries grant nothing here, and those of the mask and of others are in the mode. */
  private static boolean isSent(AclEntry entry) {
    boolean names = entry.getType() == AclEntryType.USER || entry.getType() == AclEntryType.GROUP;
    return names && entry.getScope() == AclEntryScope.ACCESS;
  }
}
