package io.faultline.uffd.conformance;

/** The case cannot run on this engine or machine; the message is the reason. */
final class NotSupportedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotSupportedException(String reason) {
    super(reason);
  }
}
