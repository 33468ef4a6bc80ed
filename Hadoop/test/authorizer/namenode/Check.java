package authorizer.namenode;

import java.util.Arrays;
import java.util.Objects;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.hdfs.server.namenode.INode;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider.AccessControlEnforcer;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributes;
import org.apache.hadoop.hdfs.server.namenode.INodeDirectory;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;

/** The arguments of one permission check: those of a NameNode by default, each to be replaced. */
final class Check implements Cloneable {
  String fsOwner = "hdfs";
  String supergroup = "supergroup";
  UserGroupInformation user = Users.ALICE;
  INodeAttributes[] inodeAttrs;
  INode[] inodes;
  byte[][] components;
  int snapshotId = 0x7ffffffe;
  String path;
  int ancestorIndex;
  boolean ownerRequired;
  FsAction ancestorAccess;
  FsAction parentAccess;
  FsAction access;
  FsAction subAccess;
  boolean ignoreEmptyDir;

  /** A check of an existing file. */
  static Check ofFile(String path) {
    return at(path, Leaf.FILE);
  }

  /** A check of an existing directory. */
  static Check ofDirectory(String path) {
    return at(path, Leaf.DIRECTORY);
  }

  /** A check of a path that does not exist. */
  static Check ofNothing(String path) {
    return at(path, Leaf.NONE);
  }

  /** A check of one inode alone, as {@code FSPermissionChecker} makes of a content summary: no path, no ancestor. */
  static Check ofSingleFile(String path) {
    Check whole = ofFile(path);
    Check check = new Check();
    check.inodes = new INode[] {whole.inodes[whole.inodes.length - 1]};
    check.inodeAttrs = new INodeAttributes[] {check.inodes[0]};
    check.components = check.inodes[0].getPathComponents();
    check.ancestorIndex = -1;
    return check;
  }

  Check by(UserGroupInformation caller) {
    user = caller;
    return this;
  }

  Check access(FsAction action) {
    access = action;
    return this;
  }

  Check parent(FsAction action) {
    parentAccess = action;
    return this;
  }

  Check ancestor(FsAction action) {
    ancestorAccess = action;
    return this;
  }

  Check sub(FsAction action) {
    subAccess = action;
    return this;
  }

  Check owner() {
    ownerRequired = true;
    return this;
  }

  /** The same check without the path's components. */
  Check withoutComponents() {
    components = null;
    return this;
  }

  /** The same check without the path. */
  Check withoutPath() {
    path = null;
    return this;
  }

  @Override
  public Check clone() {
    try {
      return (Check) super.clone();
    } catch (CloneNotSupportedException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Hands the check to an enforcer by parameters. */
  @SuppressWarnings("deprecation")
  void runByParameters(AccessControlEnforcer enforcer) throws AccessControlException {
    enforcer.checkPermission(
        fsOwner,
        supergroup,
        user,
        inodeAttrs,
        inodes,
        components,
        snapshotId,
        path,
        ancestorIndex,
        ownerRequired,
        ancestorAccess,
        parentAccess,
        access,
        subAccess,
        ignoreEmptyDir);
  }

  /** Whether every argument is the same, arrays and users by identity. */
  boolean isSameAs(Check other) {
    return Objects.equals(fsOwner, other.fsOwner)
        && Objects.equals(supergroup, other.supergroup)
        && user == other.user
        && inodeAttrs == other.inodeAttrs
        && inodes == other.inodes
        && components == other.components
        && snapshotId == other.snapshotId
        && Objects.equals(path, other.path)
        && ancestorIndex == other.ancestorIndex
        && ownerRequired == other.ownerRequired
        && ancestorAccess == other.ancestorAccess
        && parentAccess == other.parentAccess
        && access == other.access
        && subAccess == other.subAccess
        && ignoreEmptyDir == other.ignoreEmptyDir;
  }

  @Override
  public String toString() {
    return path + " " + Arrays.asList(ancestorAccess, parentAccess, access, subAccess, ownerRequired);
  }

  private enum Leaf {
    FILE,
    DIRECTORY,
    NONE
  }

  private static Check at(String path, Leaf leaf) {
    Check check = new Check();
    check.path = path;
    check.components = Namespace.components(path);
    INodeDirectory parent = Namespace.root();
    String[] names = path.equals("/") ? new String[0] : path.substring(1).split("/");
    boolean snapshot = path.contains("/.snapshot/");
    check.inodes = new INode[names.length + 1 - (snapshot ? 1 : 0)];
    check.inodes[0] = parent;
    int next = 1;
    for (int i = 0; i < names.length; i++) {
      boolean last = i == names.length - 1;
      if (names[i].equals(".snapshot")) {
        continue;
      }
      if (!last || leaf == Leaf.DIRECTORY) {
        check.inodes[next++] = parent = Namespace.directory(parent, names[i]);
      } else if (leaf == Leaf.FILE) {
        check.inodes[next++] = Namespace.file(parent, names[i]);
      }
    }
    check.inodeAttrs = new INodeAttributes[check.inodes.length];
    System.arraycopy(check.inodes, 0, check.inodeAttrs, 0, check.inodes.length);
    check.snapshotId = snapshot ? 7 : check.snapshotId;
    check.ancestorIndex = check.inodes.length - 2;
    return check;
  }
}
