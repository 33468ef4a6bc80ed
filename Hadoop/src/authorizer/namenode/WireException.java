package authorizer.namenode;

import java.io.IOException;

/** The other side did not keep to {@code docs/wire.md}. The connection is of no further use. */
final class WireException extends IOException {
  private static final long serialVersionUID = 1L;

  WireException(String message) {
    super(message);
  }
}
