package io.faultline.dest;

/** The kernel would not take a page. The message says which and why. */
final class PlacementException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  PlacementException(String message) {
    super(message);
  }
}
