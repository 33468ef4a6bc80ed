package authorizer.namenode;

import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.hdfs.server.namenode.INode;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider.AccessControlEnforcer;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributes;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;

/** Answers checks that come as parameters, as they do on every version of Hadoop. Lives for one check. */
class ParametersEnforcer implements AccessControlEnforcer {
  /** Rules on every check. */
  final Guard guard;

  /** HDFS's own enforcer; null in the probe that Hadoop 3.3.3 and later make when the NameNode starts. */
  final AccessControlEnforcer hdfs;

  ParametersEnforcer(Guard guard, AccessControlEnforcer hdfs) {
    this.guard = guard;
    this.hdfs = hdfs;
  }

  @Override
  @SuppressWarnings("deprecation") // In Hadoop 3; other versions have no other.
  public final void checkPermission(
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
    guard.check(
        new AccessCheck(
            callerUgi,
            inodeAttrs,
            inodes,
            pathByNameArr,
            path,
            doCheckOwner,
            ancestorAccess,
            parentAccess,
            access,
            subAccess) {
          @Override
          void runNative() throws AccessControlException {
            runNative(access);
          }

          @Override
          void runNative(FsAction targetAccess) throws AccessControlException {
            hdfs.checkPermission(
                fsOwner,
                supergroup,
                callerUgi,
                inodeAttrs,
                inodes,
                pathByNameArr,
                snapshotId,
                path,
                ancestorIndex,
                doCheckOwner,
                ancestorAccess,
                parentAccess,
                targetAccess,
                subAccess,
                ignoreEmptyDir);
          }
        });
  }
}
