package bench;

import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.hdfs.server.namenode.INode;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributes;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;

/** A provider that does nothing: every check goes on to HDFS's own enforcer. It costs what having a provider costs. */
public final class NothingProvider extends INodeAttributeProvider {
  @Override
  public void start() {}

  @Override
  public void stop() {}

  @Override
  public INodeAttributes getAttributes(String[] pathElements, INodeAttributes inode) {
    return inode;
  }

  @Override
  public INodeAttributes getAttributes(byte[][] components, INodeAttributes inode) {
    return inode;
  }

  @Override
  public AccessControlEnforcer getExternalAccessControlEnforcer(AccessControlEnforcer hdfs) {
    return new PassingOn(hdfs);
  }

  private static final class PassingOn implements AccessControlEnforcer {
    private final AccessControlEnforcer hdfs;

    PassingOn(AccessControlEnforcer hdfs) {
      this.hdfs = hdfs;
    }

    @Override
    @SuppressWarnings("deprecation") // Hadoop 3.3 still asks some questions by it.
    public void checkPermission(
        String fsOwner,
        String supergroup,
        UserGroupInformation user,
        INodeAttributes[] inodeAttributes,
        INode[] inodes,
        byte[][] components,
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
      hdfs.checkPermission(
          fsOwner,
          supergroup,
          user,
          inodeAttributes,
          inodes,
          components,
          snapshotId,
          path,
          ancestorIndex,
          doCheckOwner,
          ancestorAccess,
          parentAccess,
          access,
          subAccess,
          ignoreEmptyDir);
    }

    @Override
    public void checkPermissionWithContext(AuthorizationContext check) throws AccessControlException {
      hdfs.checkPermissionWithContext(check);
    }
  }
}
