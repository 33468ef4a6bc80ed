package authorizer.namenode;

import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.hdfs.server.namenode.INode;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributes;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * One permission check that the NameNode asks for, whichever the shape it comes in, and the way to HDFS's own enforcer.
 *
 * <p>What a check is for is told from what it demands, never from the name of an operation, which not every check has.
 */
abstract class AccessCheck {
  private final UserGroupInformation caller;
  private final INodeAttributes[] inodeAttrs;
  private final INode[] inodes;
  private final byte[][] components;
  private final String path;
  private final boolean ownerRequired;
  private final FsAction ancestorAccess;
  private final FsAction parentAccess;
  private final FsAction access;
  private final FsAction subAccess;

  AccessCheck(
      UserGroupInformation caller,
      INodeAttributes[] inodeAttrs,
      INode[] inodes,
      byte[][] components,
      String path,
      boolean ownerRequired,
      FsAction ancestorAccess,
      FsAction parentAccess,
      FsAction access,
      FsAction subAccess) {
    this.caller = caller;
    this.inodeAttrs = inodeAttrs;
    this.inodes = inodes;
    this.components = components;
    this.path = path;
    this.ownerRequired = ownerRequired;
    this.ancestorAccess = ancestorAccess;
    this.parentAccess = parentAccess;
    this.access = access;
    this.subAccess = subAccess;
  }

  /** Lets HDFS's own enforcer check everything, all arguments as they came. What it throws passes unchanged. */
  abstract void runNative() throws AccessControlException;

  /** Lets HDFS's own enforcer check everything with another access demanded of the target, null for none. */
  abstract void runNative(FsAction targetAccess) throws AccessControlException;

  /** Lets HDFS's own enforcer check whatever is demanded beyond reading the target; nothing, if nothing is. */
  final void runNativeBeyondRead() throws AccessControlException {
    FsAction rest = access.and(FsAction.READ.not());
    boolean targetDone = rest == FsAction.NONE;
    if (targetDone && ancestorAccess == null && parentAccess == null && subAccess == null && !ownerRequired) {
      return;
    }
    runNative(targetDone ? null : rest);
  }

  final UserGroupInformation caller() {
    return caller;
  }

  /** Whether the check names a caller and at least one inode, as every check does. */
  final boolean isWellFormed() {
    return caller != null && inodes != null && inodes.length > 0 && inodeAttrs != null && inodeAttrs.length > 0;
  }

  /** Whether nothing is demanded but that the way to the path may be gone: a stat, or the first step of something. */
  final boolean isTraversal() {
    return !ownerRequired && ancestorAccess == null && parentAccess == null && access == null && subAccess == null;
  }

  /** Whether a file is to be read. */
  final boolean isFileRead() {
    return access != null && access.implies(FsAction.READ) && isOfFile();
  }

  /** Whether a file is to be written, as the target of a concat is. */
  final boolean isFileWrite() {
    return access != null && access.implies(FsAction.WRITE) && isOfFile();
  }

  /** Whether the path is to vanish from its parent: the source of a rename or of a concat, or a delete. */
  final boolean isRemoval() {
    return parentAccess != null && parentAccess.implies(FsAction.WRITE) && ancestorAccess == null && access == null;
  }

  /** Whether the path is to appear: the destination of a rename, or something made. */
  final boolean isCreation() {
    return ancestorAccess != null
        && ancestorAccess.implies(FsAction.WRITE)
        && parentAccess == null
        && access == null
        && subAccess == null;
  }

  /** The path that the check is about. */
  final HdfsPath path() {
    return HdfsPath.ofCheck(components, path, target());
  }

  /** Who may do what along the path; null where the check does not know all of it. */
  final PathPermissions permissions() {
    return PathPermissions.of(inodeAttrs);
  }

  private boolean isOfFile() {
    INode target = target();
    return target != null && target.isFile();
  }

  /** The inode that the path ends at; null when it does not exist. */
  private INode target() {
    return inodes[inodes.length - 1];
  }
}
