package io.faultline.restore.criu;

/** What the peer of the socket sends is not what a restoring CRIU sends. */
final class RestoreException extends Exception {
  private static final long serialVersionUID = 1L;

  RestoreException(String message) {
    super(message);
  }
}
