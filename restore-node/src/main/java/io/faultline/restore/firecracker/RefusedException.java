package io.faultline.restore.firecracker;

/** Why a handshake is refused: one line, for the user. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  RefusedException(String message) {
    super(message);
  }
}
