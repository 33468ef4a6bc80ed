package authorizer.namenode;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What the service sends, written by hand: nothing of the plug-in's own encoder is used. */
final class Frames {
  private Frames() {}

  /** Writes a body. */
  interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  static byte[] frame(int type, int request, Body body) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      body.write(new DataOutputStream(bytes));
      ByteArrayOutputStream frame = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(frame);
      out.writeInt(5 + bytes.size());
      out.writeByte(type);
      out.writeInt(request);
      bytes.writeTo(out);
      return frame.toByteArray();
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  static byte[] welcome(int request) {
    return frame(
        0x02,
        request,
        out -> {
          out.writeShort(1);
          out.writeInt(1_048_576);
          out.writeByte(1);
          out.writeLong(42);
          str(out, "test/1");
        });
  }

  static byte[] error(int request, int code, boolean ends, String message) {
    return frame(
        0x03,
        request,
        out -> {
          out.writeShort(code);
          out.writeByte(ends ? 1 : 0);
          str(out, message);
        });
  }

  static byte[] answer(int request, int decision, int reason, int flags, long policyVersion, String source, String message) {
    return frame(
        0x11,
        request,
        out -> {
          out.writeShort(1);
          out.writeByte(decision);
          out.writeByte(reason);
          out.writeByte(flags);
          out.writeByte(0);
          out.writeLong(policyVersion);
          out.writeInt(0);
          str(out, source);
          str(out, message);
        });
  }

  static byte[] allow(int request) {
    return answer(request, 1, 14, 0, 42, "sales", "");
  }

  static byte[] wantPermissions(int request) {
    return answer(request, 3, 15, 4, 42, "", "");
  }

  static byte[] deny(int request, String message) {
    return answer(request, 2, 10, 0, 42, "sales", message);
  }

  static byte[] leaveNative(int request) {
    return answer(request, 3, 4, 0, 42, "sales", "");
  }

  /** A cover of one part. The paths' ids are 1, 2 and so on. */
  static byte[] cover(int request, long version, String[] paths, String[] ignored, String contact) {
    return frame(
        0x21,
        request,
        out -> {
          out.writeLong(version);
          out.writeByte(3);
          out.writeInt(paths.length + ignored.length + 1);
          for (int i = 0; i < paths.length; i++) {
            out.writeByte(1);
            out.writeInt(i + 1);
            str(out, paths[i]);
          }
          for (String name : ignored) {
            out.writeByte(2);
            str(out, name);
          }
          out.writeByte(3);
          str(out, contact);
        });
  }

  static void str(DataOutputStream out, String value) throws IOException {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    out.writeShort(bytes.length);
    out.write(bytes);
  }
}
