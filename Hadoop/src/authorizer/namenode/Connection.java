package authorizer.namenode;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One open connection to the service's socket. Used by one thread at a time. An interrupt of that thread neither ends
 * a wait nor closes the connection, and is not lost.
 */
interface Connection extends ByteSource, Closeable {
  /**
   * Writes all that remains in the buffer.
   *
   * @throws DeadlineException when not all of it could be written in time; the connection is then of no further use
   */
  void write(ByteBuffer bytes, Deadline deadline) throws IOException;

  /** Closes the connection. Never fails and never waits. Any thread may, and who waits for the connection then fails. */
  @Override
  void close();
}
