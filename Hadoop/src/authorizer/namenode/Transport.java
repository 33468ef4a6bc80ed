package authorizer.namenode;

import java.io.IOException;

/** Opens connections to the service's socket. Safe for use by many threads. */
interface Transport {
  /**
   * Opens a connection, at the latest by the deadline.
   *
   * @throws IOException when there is no service, or it does not take connections
   */
  Connection connect(Deadline deadline) throws IOException;
}
