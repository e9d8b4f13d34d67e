package io.faultline.pager;

/** Why a message of a client is refused: one line, for the client. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  RefusedException(String message) {
    super(message);
  }
}
