package authorizer.namenode;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Takes a stream of bytes apart into frames.
 *
 * <p>Not safe for use by more than one thread at a time.
 */
final class FrameReader {
  private static final int INITIAL_BYTES = 1024;

  private final ByteSource source;

  /** Always ready to be read: what was received and not yet taken lies between position and limit. */
  private ByteBuffer buffer;

  private int type;
  private int request;
  private FrameBody body;

  FrameReader(ByteSource source) {
    this(source, ByteBuffer.allocate(INITIAL_BYTES));
    buffer.limit(0);
  }

  private FrameReader(ByteSource source, ByteBuffer received) {
    this.source = source;
    this.buffer = received;
  }

  /** Reads frames that are already in memory. */
  static FrameReader over(byte[] frames) {
    return new FrameReader((into, deadline) -> -1, ByteBuffer.wrap(frames));
  }

  /** Whether every byte received belongs to a frame that was taken. */
  boolean isBetweenFrames() {
    return !buffer.hasRemaining();
  }

  /**
   * Takes the next frame, which {@link #type}, {@link #request} and {@link #body} then describe.
   *
   * @throws DeadlineException when the frame did not come whole in time; calling again goes on waiting for it
   * @throws EOFException when the stream has ended
   * @throws WireException when what came is no frame
   */
  void next(Deadline deadline) throws IOException {
    require(Integer.BYTES, deadline);
    int length = buffer.getInt(buffer.position());
    if (length < FrameType.LEAST_LENGTH || length > FrameType.GREATEST_LENGTH) {
      throw new WireException("a frame's length is " + Integer.toUnsignedString(length));
    }
    require(Integer.BYTES + length, deadline);
    int end = buffer.position() + Integer.BYTES + length;
    buffer.getInt();
    type = buffer.get() & 0xff;
    request = buffer.getInt();
    body = new FrameBody(buffer.array(), buffer.position(), end);
    buffer.position(end);
  }

  int type() {
    return type;
  }

  int request() {
    return request;
  }

  /** The body of the frame, valid until the next frame is taken. */
  FrameBody body() {
    return body;
  }

  private void require(int bytes, Deadline deadline) throws IOException {
    while (buffer.remaining() < bytes) {
      makeRoom(bytes);
      int unread = buffer.position();
      int limit = buffer.limit();
      buffer.limit(buffer.capacity()).position(limit);
      int count = 0;
      try {
        count = source.read(buffer, deadline);
      } finally {
        buffer.limit(limit + Math.max(count, 0)).position(unread);
      }
      if (count < 0) {
        throw new EOFException("the stream ended");
      }
    }
  }

  private void makeRoom(int bytes) {
    if (buffer.capacity() - buffer.position() >= bytes) {
      return;
    }
    if (bytes > buffer.capacity()) {
      buffer = ByteBuffer.allocate(bytes).put(buffer);
    } else {
      buffer.compact();
    }
    buffer.flip();
  }
}
