package io.faultline.proto;

/** The peer violated the protocol. The message names what it sent, with the value. */
public class WireException extends Exception {
  private static final long serialVersionUID = 1L;

  public WireException(String message) {
    super(message);
  }

  public WireException(String message, Throwable cause) {
    super(message, cause);
  }
}
