package authorizer.namenode;

import authorizer.grant.TokenHandle;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A question as the service reads it off the wire; handles as hexadecimal digits, one after another. */
record AskedQuestion(
    int operation,
    String principal,
    String path,
    String realUser,
    String destination,
    String clientAddress,
    String callerContext,
    boolean offersPermissions,
    boolean hasPermissions,
    String handles) {
  /** A question that says nothing of permissions, by one who holds no token. */
  AskedQuestion(
      int operation,
      String principal,
      String path,
      String realUser,
      String destination,
      String clientAddress,
      String callerContext) {
    this(operation, principal, path, realUser, destination, clientAddress, callerContext, false, false, "");
  }

  /** The same, whatever it says of permissions. */
  AskedQuestion withoutPermissions() {
    return new AskedQuestion(
        operation, principal, path, realUser, destination, clientAddress, callerContext, false, false, handles);
  }

  private AskedQuestion with(String handles) {
    return new AskedQuestion(
        operation,
        principal,
        path,
        realUser,
        destination,
        clientAddress,
        callerContext,
        offersPermissions,
        hasPermissions,
        handles);
  }

  static AskedQuestion read(DataInputStream in) throws IOException {
    int operation = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    AskedQuestion question =
        new AskedQuestion(
            operation,
            str(in, true),
            str(in, true),
            str(in, (flags & 1) != 0),
            str(in, (flags & 2) != 0),
            str(in, (flags & 4) != 0),
            str(in, (flags & 8) != 0),
            (flags & 16) != 0,
            (flags & 32) != 0,
            "");
    if (question.hasPermissions) {
      skipPermissions(in);
    }
    return (flags & 64) == 0 ? question : question.with(TokenHandle.hex(in.readNBytes(32 * in.readUnsignedByte())));
  }

  private static void skipPermissions(DataInputStream in) throws IOException {
    for (int inodes = in.readUnsignedShort(); inodes > 0; inodes--) {
      str(in, true);
      str(in, true);
      in.readUnsignedShort();
      for (int entries = in.readUnsignedShort(); entries > 0; entries--) {
        in.readUnsignedShort();
        str(in, true);
      }
    }
  }

  private static String str(DataInputStream in, boolean present) throws IOException {
    return present ? new String(in.readNBytes(in.readUnsignedShort()), StandardCharsets.UTF_8) : null;
  }
}
