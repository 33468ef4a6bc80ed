package authorizer.namenode;

import org.apache.hadoop.net.unix.DomainSocket;

/** Chooses how to reach the service's socket on this Java. */
final class Transports {
  private Transports() {}

  /**
   * The transport of this Java.
   *
   * @param path of the service's socket
   * @throws IllegalStateException when there is none; the message says what to install
   */
  static Transport forSocket(String path) {
    try {
      return new ChannelTransport(path);
    } catch (ReflectiveOperationException javaBefore16) {
      return nativeTransport(path);
    }
  }

  private static Transport nativeTransport(String path) {
    String reason = DomainSocket.getLoadingFailureReason();
    if (reason != null) {
      throw new IllegalStateException(
          "the authorizer cannot be reached from Java "
              + System.getProperty("java.version")
              + ": run the NameNode on Java 16 or later, or install Hadoop's native library (libhadoop.so) and name its"
              + " directory in java.library.path: "
              + reason);
    }
    return new DomainSocketTransport(path);
  }
}
