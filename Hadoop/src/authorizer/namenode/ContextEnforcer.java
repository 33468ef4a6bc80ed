package authorizer.namenode;

import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider.AccessControlEnforcer;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider.AuthorizationContext;
import org.apache.hadoop.security.AccessControlException;

/**
 * Answers checks that come as a context as well, as most do from Hadoop 3.3 on. Lives for one check.
 *
 * <p>{@code FSDirectory.setINodeAttributeProvider} looks for {@link #checkPermissionWithContext} among the methods that
 * this very class declares; an inherited one it does not see.
 */
final class ContextEnforcer extends ParametersEnforcer {
  ContextEnforcer(Guard guard, AccessControlEnforcer hdfs) {
    super(guard, hdfs);
  }

  @Override
  public void checkPermissionWithContext(AuthorizationContext context) throws AccessControlException {
    guard.check(
        new AccessCheck(
            context.getCallerUgi(),
            context.getInodeAttrs(),
            context.getInodes(),
            context.getPathByNameArr(),
            context.getPath(),
            context.isDoCheckOwner(),
            context.getAncestorAccess(),
            context.getParentAccess(),
            context.getAccess(),
            context.getSubAccess()) {
          @Override
          void runNative() throws AccessControlException {
            hdfs.checkPermissionWithContext(context);
          }

          @Override
          void runNative(FsAction targetAccess) throws AccessControlException {
            hdfs.checkPermissionWithContext(withAccess(context, targetAccess));
          }
        });
  }

  /**
   * Hadoop 3.4 asks this before an operation that only a superuser may do; the answer stays HDFS's own. Earlier
   * versions have no such method and never call it.
   */
  public void checkSuperUserPermissionWithContext(AuthorizationContext context) throws AccessControlException {
    SuperuserCheck.run(hdfs, context);
  }

  /** Hadoop 3.4 calls this to have a denial said by the enforcer. Earlier versions never do. */
  public void denyUserAccess(AuthorizationContext context, String message) throws AccessControlException {
    throw new AccessControlException(message);
  }

  private static AuthorizationContext withAccess(AuthorizationContext context, FsAction targetAccess) {
    return new AuthorizationContext.Builder()
        .fsOwner(context.getFsOwner())
        .supergroup(context.getSupergroup())
        .callerUgi(context.getCallerUgi())
        .inodeAttrs(context.getInodeAttrs())
        .inodes(context.getInodes())
        .pathByNameArr(context.getPathByNameArr())
        .snapshotId(context.getSnapshotId())
        .path(context.getPath())
        .ancestorIndex(context.getAncestorIndex())
        .doCheckOwner(context.isDoCheckOwner())
        .ancestorAccess(context.getAncestorAccess())
        .parentAccess(context.getParentAccess())
        .access(targetAccess)
        .subAccess(context.getSubAccess())
        .ignoreEmptyDir(context.isIgnoreEmptyDir())
        .operationName(context.getOperationName())
        .callerContext(context.getCallerContext())
        .build();
  }
}
