package authorizer.namenode;

import java.lang.reflect.Constructor;
import org.apache.hadoop.ipc.Server;

/** What the RPC server does before it hands a call to the NameNode: makes it the current one of its thread. */
final class Calls {
  private Calls() {}

  /** Begins a new call on this thread. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  static void begin() {
    ((ThreadLocal) Server.getCurCall()).set(call());
  }

  /** Leaves this thread without a call. */
  static void end() {
    Server.getCurCall().remove();
  }

  private static Object call() {
    try {
      Constructor<?> shortest = null;
      for (Constructor<?> constructor : Server.Call.class.getConstructors()) {
        if (shortest == null || constructor.getParameterCount() < shortest.getParameterCount()) {
          shortest = constructor;
        }
      }
      Object[] arguments = new Object[shortest.getParameterCount()];
      arguments[0] = 1;
      arguments[1] = 0;
      return shortest.newInstance(arguments);
    } catch (ReflectiveOperationException failure) {
      throw new AssertionError(failure);
    }
  }
}
