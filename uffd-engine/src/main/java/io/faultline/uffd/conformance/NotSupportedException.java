package io.faultline.uffd.conformance;

/** A case cannot run here; the message is the reason. */
final class NotSupportedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotSupportedException(String reason) {
    super(reason);
  }
}
