package authorizer.namenode;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;

/** A connected socket whose calls wait. Used by one thread at a time, but for {@link #close}. */
interface BlockingSocket extends Closeable {
  /**
   * Writes all of it.
   *
   * @param millis how long any one wait may be, at least 1; many bytes may need many waits
   * @throws SocketTimeoutException when a wait was longer; how much was written by then is not known
   */
  void write(byte[] bytes, int offset, int count, int millis) throws IOException;

  /**
   * Reads what there is, and waits if there is nothing.
   *
   * @param millis how long the wait may be, at least 1
   * @return how many bytes were read, or -1 when the stream has ended
   * @throws SocketTimeoutException when nothing came
   */
  int read(byte[] into, int offset, int count, int millis) throws IOException;

  /** Connects such a socket. */
  interface Dialer {
    /** Waits for as long as it takes. */
    BlockingSocket dial() throws IOException;
  }
}
