package authorizer.namenode;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider.AccessControlEnforcer;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider.AuthorizationContext;
import org.apache.hadoop.security.AccessControlException;

/** HDFS's own answer to Hadoop 3.4's superuser check, which earlier versions do not have. */
final class SuperuserCheck {
  private static final MethodHandle METHOD = find();

  private SuperuserCheck() {}

  /**
   * Lets HDFS's own enforcer check. What it throws passes unchanged.
   *
   * @throws AccessControlException also when it has no such check
   */
  static void run(AccessControlEnforcer hdfs, AuthorizationContext context) throws AccessControlException {
    if (METHOD == null) {
      throw new AccessControlException("this version of Hadoop has no superuser check");
    }
    try {
      METHOD.invokeExact(hdfs, context);
    } catch (AccessControlException | RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable undeclared) {
      throw new IllegalStateException(undeclared);
    }
  }

  private static MethodHandle find() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(
              AccessControlEnforcer.class,
              "checkSuperUserPermissionWithContext",
              MethodType.methodType(void.class, AuthorizationContext.class));
    } catch (NoSuchMethodException | IllegalAccessException absent) {
      return null;
    }
  }
}
