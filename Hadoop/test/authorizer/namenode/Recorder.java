package authorizer.namenode;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.hdfs.server.namenode.INode;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider.AccessControlEnforcer;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributes;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;

/** Stands where HDFS's own enforcer would: keeps what it is asked, and allows it unless told otherwise. */
class Recorder implements AccessControlEnforcer {
  /** What it was asked, in order. */
  final List<Check> checks = new ArrayList<>();

  /** What it refuses with; null to allow. An {@link AccessControlException} or unchecked. */
  Exception refusal;

  @Override
  @SuppressWarnings("deprecation") // In Hadoop 3; other versions have no other.
  public void checkPermission(
      String fsOwner,
      String supergroup,
      UserGroupInformation callerUgi,
      INodeAttributes[] inodeAttrs,
      INode[] inodes,
      byte[][] pathByNameArr,
      int snapshotId,
      String path,
      int ancestorIndex,
      boolean doCheckOwner,
      FsAction ancestorAccess,
      FsAction parentAccess,
      FsAction access,
      FsAction subAccess,
      boolean ignoreEmptyDir)
      throws AccessControlException {
    Check check = new Check();
    check.fsOwner = fsOwner;
    check.supergroup = supergroup;
    check.user = callerUgi;
    check.inodeAttrs = inodeAttrs;
    check.inodes = inodes;
    check.components = pathByNameArr;
    check.snapshotId = snapshotId;
    check.path = path;
    check.ancestorIndex = ancestorIndex;
    check.ownerRequired = doCheckOwner;
    check.ancestorAccess = ancestorAccess;
    check.parentAccess = parentAccess;
    check.access = access;
    check.subAccess = subAccess;
    check.ignoreEmptyDir = ignoreEmptyDir;
    record(check);
  }

  final void record(Check check) throws AccessControlException {
    checks.add(check);
    if (refusal instanceof RuntimeException) {
      throw (RuntimeException) refusal;
    }
    if (refusal != null) {
      throw (AccessControlException) refusal;
    }
  }
}
