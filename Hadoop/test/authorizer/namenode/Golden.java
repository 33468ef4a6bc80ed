package authorizer.namenode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.HexFormat;

/** The golden frames of {@code Tests/Golden/wire}. */
final class Golden {
  private static final Path DIRECTORY = Paths.get(System.getProperty("authorizer.golden"));

  private Golden() {}

  /** The bytes of a frame. */
  static byte[] frame(String name) {
    try {
      StringBuilder digits = new StringBuilder();
      for (String line : Files.readAllLines(DIRECTORY.resolve(name + ".hex"))) {
        digits.append(line.replaceAll("#.*|\\s", ""));
      }
      return HexFormat.of().parseHex(digits);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  /** The bytes that were written. */
  static byte[] bytes(FrameWriter out) {
    ByteBuffer frames = out.bytes();
    byte[] bytes = new byte[frames.remaining()];
    frames.get(bytes);
    return bytes;
  }
}
