package authorizer.namenode;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where bytes come from. */
interface ByteSource {
  /**
   * Reads what there is, and waits for the first byte if there is none.
   *
   * @return how many bytes were put into the buffer, at least 1; or -1 when the stream has ended
   * @throws DeadlineException when nothing came in time; a later read may go on
   */
  int read(ByteBuffer into, Deadline deadline) throws IOException;
}
