package authorizer.namenode;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Encodes frames, one after another, into a buffer that is reused.
 *
 * <p>Not safe for use by more than one thread at a time.
 */
final class FrameWriter {
  private static final int INITIAL_BYTES = 1024;

  private ByteBuffer buffer = ByteBuffer.allocate(INITIAL_BYTES);
  private int frameStart;

  /** Forgets everything written. */
  FrameWriter clear() {
    buffer.clear();
    return this;
  }

  /** Begins a frame behind those already written. */
  FrameWriter begin(int type, int request) {
    frameStart = buffer.position();
    return u32(0).u8(type).u32(request);
  }

  /** Ends the frame that was begun last by writing its length. */
  FrameWriter end() {
    buffer.putInt(frameStart, buffer.position() - frameStart - Integer.BYTES);
    return this;
  }

  /** The frames written so far, valid until the next {@link #clear}. */
  ByteBuffer bytes() {
    ByteBuffer frames = buffer.duplicate();
    frames.flip();
    return frames;
  }

  FrameWriter u8(int value) {
    room(Byte.BYTES).put((byte) value);
    return this;
  }

  FrameWriter u16(int value) {
    room(Short.BYTES).putShort((short) value);
    return this;
  }

  FrameWriter u32(long value) {
    room(Integer.BYTES).putInt((int) value);
    return this;
  }

  FrameWriter u64(long value) {
    room(Long.BYTES).putLong(value);
    return this;
  }

  FrameWriter raw(byte[] bytes) {
    room(bytes.length).put(bytes);
    return this;
  }

  /**
   * Writes a string with its length.
   *
   * @throws UnsendableException when it is longer than a string may be
   */
  FrameWriter str(String value) throws UnsendableException {
    int chars = value.length();
    if (chars > FrameType.GREATEST_STRING) {
      throw tooLong(chars);
    }
    int lengthAt = buffer.position();
    room(Short.BYTES + chars).putShort((short) chars);
    for (int i = 0; i < chars; i++) {
      char c = value.charAt(i);
      if (c >= 0x80) {
        buffer.position(lengthAt);
        return encoded(value.getBytes(StandardCharsets.UTF_8));
      }
      buffer.put((byte) c);
    }
    return this;
  }

  /**
   * Writes a path with its length.
   *
   * @throws UnsendableException when it is longer than a string may be
   */
  FrameWriter path(HdfsPath path) throws UnsendableException {
    int length = path.byteLength();
    if (length > FrameType.GREATEST_STRING) {
      throw tooLong(length);
    }
    path.putInto(room(Short.BYTES + length).putShort((short) length));
    return this;
  }

  private FrameWriter encoded(byte[] utf8) throws UnsendableException {
    if (utf8.length > FrameType.GREATEST_STRING) {
      throw tooLong(utf8.length);
    }
    return u16(utf8.length).raw(utf8);
  }

  private static UnsendableException tooLong(int length) {
    return new UnsendableException("a string of " + length + " is too long: at most 65535 bytes fit");
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      ByteBuffer larger = ByteBuffer.allocate(Math.max(buffer.capacity() * 2, buffer.position() + bytes));
      buffer.flip();
      buffer = larger.put(buffer);
    }
    return buffer;
  }
}
