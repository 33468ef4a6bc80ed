package authorizer.namenode;

import java.io.IOException;

/** The service answered with an {@code error} frame. */
final class ServiceErrorException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Code of an error that says that a frame was well framed and yet not understood. */
  static final int MALFORMED_BODY = 7;

  /** The code, as {@code docs/wire.md} lists them. */
  final int code;

  /** Whether the service ends the connection with it. */
  final boolean endsConnection;

  /** The request that the error answers; 0 where there is none. */
  final int request;

  ServiceErrorException(int code, boolean endsConnection, int request, String message) {
    super("error " + code + " from the service: " + message);
    this.code = code;
    this.endsConnection = endsConnection;
    this.request = request;
  }

  /** Reads the body of an {@code error} frame. */
  static ServiceErrorException decode(int request, FrameBody body) throws WireException {
    int code = body.u16();
    boolean ends = body.u8() != 0;
    String message = body.str();
    body.end();
    return new ServiceErrorException(code, ends, request, message);
  }
}
