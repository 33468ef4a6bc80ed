package authorizer.namenode;

import org.apache.hadoop.ipc.CallerContext;

/** The caller context of the current call, on the Hadoop versions that have one (2.8 and later). */
final class CallerContexts {
  private static final boolean PRESENT = Classes.exists("org.apache.hadoop.ipc.CallerContext");

  private CallerContexts() {}

  /** The context as the client claims it; null where there is none. */
  static String current() {
    return PRESENT ? Present.current() : null;
  }

  /** Loaded only where Hadoop has the class that it names. */
  private static final class Present {
    static String current() {
      CallerContext context = CallerContext.getCurrent();
      return context == null ? null : context.getContext();
    }
  }
}
