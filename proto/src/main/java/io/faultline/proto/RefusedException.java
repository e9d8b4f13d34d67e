package io.faultline.proto;

/** The peer speaks this protocol, and refused. The message is the peer's reason. */
public final class RefusedException extends WireException {
  private static final long serialVersionUID = 1L;

  public RefusedException(String reason) {
    super(reason);
  }
}
