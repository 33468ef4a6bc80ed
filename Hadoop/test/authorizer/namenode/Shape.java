package authorizer.namenode;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider.AccessControlEnforcer;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider.AuthorizationContext;
import org.apache.hadoop.security.AccessControlException;

/** The shapes that a check may come in. */
enum Shape {
  PARAMETERS {
    @Override
    void run(Check check, AccessControlEnforcer enforcer) throws AccessControlException {
      check.runByParameters(enforcer);
    }

    @Override
    Recorder recorder() {
      return new Recorder();
    }
  },
  CONTEXT {
    @Override
    void run(Check check, AccessControlEnforcer enforcer) throws AccessControlException {
      ByContext.run(check, enforcer);
    }

    @Override
    Recorder recorder() {
      return ByContext.recorder();
    }
  };

  /** Hands a check to an enforcer. */
  abstract void run(Check check, AccessControlEnforcer enforcer) throws AccessControlException;

  /** HDFS's own enforcer as a test sees it. */
  abstract Recorder recorder();

  /** Those that this version of Hadoop has. */
  static List<Shape> present() {
    List<Shape> shapes = new ArrayList<>(List.of(values()));
    if (!Classes.exists("org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider$AuthorizationContext")) {
      shapes.remove(CONTEXT);
    }
    return shapes;
  }

  /** Loaded only where Hadoop has contexts. */
  private static final class ByContext {
    static void run(Check check, AccessControlEnforcer enforcer) throws AccessControlException {
      enforcer.checkPermissionWithContext(
          new AuthorizationContext.Builder()
              .fsOwner(check.fsOwner)
              .supergroup(check.supergroup)
              .callerUgi(check.user)
              .inodeAttrs(check.inodeAttrs)
              .inodes(check.inodes)
              .pathByNameArr(check.components)
              .snapshotId(check.snapshotId)
              .path(check.path)
              .ancestorIndex(check.ancestorIndex)
              .doCheckOwner(check.ownerRequired)
              .ancestorAccess(check.ancestorAccess)
              .parentAccess(check.parentAccess)
              .access(check.access)
              .subAccess(check.subAccess)
              .ignoreEmptyDir(check.ignoreEmptyDir)
              .operationName("open")
              .build());
    }

    static Recorder recorder() {
      return new Recorder() {
        @Override
        public void checkPermissionWithContext(AuthorizationContext context) throws AccessControlException {
          Check check = new Check();
          check.fsOwner = context.getFsOwner();
          check.supergroup = context.getSupergroup();
          check.user = context.getCallerUgi();
          check.inodeAttrs = context.getInodeAttrs();
          check.inodes = context.getInodes();
          check.components = context.getPathByNameArr();
          check.snapshotId = context.getSnapshotId();
          check.path = context.getPath();
          check.ancestorIndex = context.getAncestorIndex();
          check.ownerRequired = context.isDoCheckOwner();
          check.ancestorAccess = context.getAncestorAccess();
          check.parentAccess = context.getParentAccess();
          check.access = context.getAccess();
          check.subAccess = context.getSubAccess();
          check.ignoreEmptyDir = context.isIgnoreEmptyDir();
          record(check);
        }
      };
    }
  }
}
