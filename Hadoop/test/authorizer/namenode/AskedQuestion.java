package authorizer.namenode;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A question as the service reads it off the wire. */
record AskedQuestion(
    int operation,
    String principal,
    String path,
    String realUser,
    String destination,
    String clientAddress,
    String callerContext) {
  static AskedQuestion read(DataInputStream in) throws IOException {
    int operation = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    return new AskedQuestion(
        operation,
        str(in, true),
        str(in, true),
        str(in, (flags & 1) != 0),
        str(in, (flags & 2) != 0),
        str(in, (flags & 4) != 0),
        str(in, (flags & 8) != 0));
  }

  private static String str(DataInputStream in, boolean present) throws IOException {
    return present ? new String(in.readNBytes(in.readUnsignedShort()), StandardCharsets.UTF_8) : null;
  }
}
