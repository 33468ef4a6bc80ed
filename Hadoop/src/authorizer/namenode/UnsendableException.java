package authorizer.namenode;

import java.io.IOException;

/** What is to be sent does not fit into a frame: the fault of what was asked, and no sign of the service's health. */
final class UnsendableException extends IOException {
  private static final long serialVersionUID = 1L;

  UnsendableException(String message) {
    super(message);
  }
}
