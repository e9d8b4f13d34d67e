package io.faultline.uffd.conformance;

/** The engine's behaviour differs from the kernel's known behaviour. */
final class ExpectationFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ExpectationFailedException(String message) {
    super(message);
  }
}
