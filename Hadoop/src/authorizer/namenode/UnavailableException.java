package authorizer.namenode;

/** The answer to a question cannot be had, and why, in words. Costs no stack trace. */
final class UnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  UnavailableException(String message, Throwable cause) {
    super(message, cause, false, false);
  }
}
