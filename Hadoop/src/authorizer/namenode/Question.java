package authorizer.namenode;

import authorizer.grant.TokenHandle;

/** One question to the service. Immutable. */
final class Question {
  private static final int REAL_USER = 1;
  private static final int DESTINATION = 2;
  private static final int CLIENT_ADDRESS = 4;
  private static final int CALLER_CONTEXT = 8;
  private static final int OFFERS_PERMISSIONS = 16;
  private static final int PERMISSIONS = 32;
  private static final int HANDLES = 64;

  /** Bytes of operation and flags, the lengths of six strings, and the count of handles. */
  private static final int FIXED_BYTES = 15;

  private static final byte[] NO_HANDLES = {};

  final Operation operation;
  final Caller caller;
  final HdfsPath path;

  /** Where a move goes; null for the other operations. */
  final HdfsPath destination;

  /** Of the caller's delegation tokens, one after another; empty of a move. */
  private final byte[] handles;

  Question(Operation operation, Caller caller, HdfsPath path, HdfsPath destination) {
    this(operation, caller, path, destination, NO_HANDLES);
  }

  private Question(Operation operation, Caller caller, HdfsPath path, HdfsPath destination, byte[] handles) {
    this.operation = operation;
    this.caller = caller;
    this.path = path;
    this.destination = destination;
    this.handles = handles;
  }

  /**
   * A read or a traversal by one who holds delegation tokens.
   *
   * @param handles as {@link TokenHandles#of} gives them
   */
  static Question withHandles(Operation operation, Caller caller, HdfsPath path, byte[] handles) {
    return new Question(operation, caller, path, null, handles);
  }

  /**
   * Writes the question, with nothing about permissions.
   *
   * @throws UnsendableException when a field of it is longer than the wire can carry
   */
  void encode(FrameWriter out) throws UnsendableException {
    encode(out, 0, null);
  }

  /** As {@link #encode(FrameWriter)}, and says that the permissions along the path can be had. */
  void encodeOffering(FrameWriter out) throws UnsendableException {
    encode(out, OFFERS_PERMISSIONS, null);
  }

  /** As {@link #encode(FrameWriter)}, with the permissions along the path. */
  void encodeWith(PathPermissions permissions, FrameWriter out) throws UnsendableException {
    encode(out, PERMISSIONS, permissions);
  }

  private void encode(FrameWriter out, int more, PathPermissions permissions) throws UnsendableException {
    int flags =
        more
            | (handles.length > 0 ? HANDLES : 0)
            | (caller.realUser != null ? REAL_USER : 0)
            | (destination != null ? DESTINATION : 0)
            | (caller.clientAddress != null ? CLIENT_ADDRESS : 0)
            | (caller.context != null ? CALLER_CONTEXT : 0);
    out.u8(operation.code).u8(flags).str(caller.principal).path(path);
    if (caller.realUser != null) {
      out.str(caller.realUser);
    }
    if (destination != null) {
      out.path(destination);
    }
    if (caller.clientAddress != null) {
      out.str(caller.clientAddress);
    }
    if (caller.context != null) {
      out.str(caller.context);
    }
    if (permissions != null) {
      permissions.encode(out);
    }
    if (handles.length > 0) {
      out.u8(handles.length / TokenHandle.BYTES).raw(handles);
    }
  }

  /** Whether {@link #encode} will not fail. Says no already of what only might be too long. */
  boolean isSendable() {
    return utf8Bound(caller.principal) <= FrameType.GREATEST_STRING
        && path.byteLength() <= FrameType.GREATEST_STRING
        && utf8Bound(caller.realUser) <= FrameType.GREATEST_STRING
        && (destination == null || destination.byteLength() <= FrameType.GREATEST_STRING)
        && utf8Bound(caller.clientAddress) <= FrameType.GREATEST_STRING
        && utf8Bound(caller.context) <= FrameType.GREATEST_STRING;
  }

  /** Not fewer bytes than {@link #encode} writes. */
  int greatestBytes() {
    return FIXED_BYTES
        + utf8Bound(caller.principal)
        + path.byteLength()
        + utf8Bound(caller.realUser)
        + (destination == null ? 0 : destination.byteLength())
        + utf8Bound(caller.clientAddress)
        + utf8Bound(caller.context)
        + handles.length;
  }

  private static int utf8Bound(String value) {
    return value == null ? 0 : 3 * value.length();
  }
}
