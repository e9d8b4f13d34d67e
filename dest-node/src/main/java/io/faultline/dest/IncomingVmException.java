package io.faultline.dest;

/** A VM cannot be run on this destination; the message says why, for a person at either end. */
public final class IncomingVmException extends Exception {
  private static final long serialVersionUID = 1L;

  public IncomingVmException(String message) {
    super(message);
  }

  public IncomingVmException(String message, Throwable cause) {
    super(message, cause);
  }
}
