package authorizer.namenode;

import java.util.Arrays;

/** A golden frame, taken apart without the plug-in's reader. */
public final class GoldenFrame {
  private static final int HEAD = 9;

  private final byte[] bytes;

  private GoldenFrame(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The frame in a file of {@code Tests/Golden/wire}. */
  public static GoldenFrame of(String name) {
    return new GoldenFrame(Golden.frame(name));
  }

  /** Its type. */
  public int type() {
    return bytes[4] & 0xff;
  }

  /** What follows its head. */
  public byte[] body() {
    return Arrays.copyOfRange(bytes, HEAD, bytes.length);
  }
}
