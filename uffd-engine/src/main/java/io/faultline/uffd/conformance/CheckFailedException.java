package io.faultline.uffd.conformance;

/** The engine did not do what the kernel is known to do. */
final class CheckFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CheckFailedException(String message) {
    super(message);
  }
}
