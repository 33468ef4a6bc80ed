package authorizer.namenode;

import java.io.IOException;

/** A deadline passed before what was waited for came. Costs no stack trace, since it is thrown under load. */
final class DeadlineException extends IOException {
  private static final long serialVersionUID = 1L;

  DeadlineException() {
    super("the deadline has passed");
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
