package authorizer.namenode;

/** Types of frames and the limits of framing, as {@code docs/wire.md} has them. */
final class FrameType {
  static final int HELLO = 0x01;
  static final int WELCOME = 0x02;
  static final int ERROR = 0x03;
  static final int ASK = 0x10;
  static final int ANSWERS = 0x11;
  static final int WATCH = 0x20;
  static final int COVER = 0x21;
  static final int COVER_TAKEN = 0x22;
  static final int REPORT = 0x30;
  static final int REPORT_TAKEN = 0x31;
  static final int PING = 0x50;
  static final int PONG = 0x51;

  /** Least value of a frame's length: a type and a request id. */
  static final int LEAST_LENGTH = 5;

  /** Greatest value of a frame's length, in bytes. */
  static final int GREATEST_LENGTH = 1_048_576;

  /** Greatest length of a string, in bytes of UTF-8. */
  static final int GREATEST_STRING = 0xffff;

  private FrameType() {}
}
