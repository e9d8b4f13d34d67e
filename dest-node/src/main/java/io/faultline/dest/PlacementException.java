package io.faultline.dest;

/** A page cannot be placed. The message says which page and why. */
final class PlacementException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  PlacementException(String message) {
    super(message);
  }
}
