package authorizer.namenode;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The client's address on the NameNode's own HTTP threads, where {@code Server.getRemoteIp} knows none. Hadoop 2 serves
 * WebHDFS on them; from Hadoop 3 on WebHDFS goes through the RPC server, and the method is gone.
 */
final class WebHdfsAddress {
  private static final MethodHandle METHOD = find();

  private WebHdfsAddress() {}

  /** The numeric address; null when this thread serves no WebHDFS call. */
  static String current() {
    if (METHOD == null) {
      return null;
    }
    try {
      return (String) METHOD.invokeExact();
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable undeclared) {
      throw new IllegalStateException(undeclared);
    }
  }

  private static MethodHandle find() {
    try {
      Class<?> methods = Class.forName("org.apache.hadoop.hdfs.server.namenode.web.resources.NamenodeWebHdfsMethods");
      return MethodHandles.publicLookup().findStatic(methods, "getRemoteAddress", MethodType.methodType(String.class));
    } catch (ReflectiveOperationException | LinkageError absent) {
      return null;
    }
  }
}
