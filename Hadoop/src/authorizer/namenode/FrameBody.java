package authorizer.namenode;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes the body of one frame. Every read that runs past the body is a {@link WireException}, never another
 * exception.
 */
final class FrameBody {
  private final byte[] bytes;
  private final int end;
  private int next;

  /** A body of the bytes from {@code start} up to, and without, {@code end}. */
  FrameBody(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.next = start;
    this.end = end;
  }

  int u8() throws WireException {
    return bytes[advance(Byte.BYTES)] & 0xff;
  }

  int u16() throws WireException {
    return u8() << 8 | u8();
  }

  long u32() throws WireException {
    return (long) u16() << 16 | u16();
  }

  long u64() throws WireException {
    return u32() << 32 | u32();
  }

  /** Reads a string. */
  String str() throws WireException {
    int length = u16();
    int start = advance(length);
    for (int i = start; i < start + length; i++) {
      if (bytes[i] < 0) {
        return decoded(ByteBuffer.wrap(bytes, start, length));
      }
    }
    return new String(bytes, start, length, StandardCharsets.ISO_8859_1);
  }

  /** Reads a string as the bytes it was sent as. */
  byte[] strBytes() throws WireException {
    return take(u16());
  }

  /** Reads everything that is left. */
  byte[] rest() throws WireException {
    return take(end - next);
  }

  /**
   * Says that the body has been read to its end.
   *
   * @throws WireException when bytes are left over
   */
  void end() throws WireException {
    if (next != end) {
      throw new WireException("a frame has " + (end - next) + " bytes left over");
    }
  }

  private byte[] take(int length) throws WireException {
    byte[] taken = new byte[length];
    System.arraycopy(bytes, advance(length), taken, 0, length);
    return taken;
  }

  private int advance(int length) throws WireException {
    if (length > end - next) {
      throw new WireException("a field runs past the frame it is in");
    }
    int start = next;
    next += length;
    return start;
  }

  private static String decoded(ByteBuffer utf8) throws WireException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(utf8)
          .toString();
    } catch (CharacterCodingException notUtf8) {
      throw new WireException("a string is not UTF-8");
    }
  }
}
