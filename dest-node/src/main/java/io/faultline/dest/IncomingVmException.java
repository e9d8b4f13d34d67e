package io.faultline.dest;

/** A VM cannot run on this destination; the message says why, and is shown on both sides. */
public final class IncomingVmException extends Exception {
  private static final long serialVersionUID = 1L;

  public IncomingVmException(String message) {
    super(message);
  }

  public IncomingVmException(String message, Throwable cause) {
    super(message, cause);
  }
}
