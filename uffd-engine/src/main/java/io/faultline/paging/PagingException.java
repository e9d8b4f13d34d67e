package io.faultline.paging;

/** A store failed, or the pager cannot continue; the message says what to do. */
public final class PagingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PagingException(String message) {
    super(message);
  }

  public PagingException(String message, Throwable cause) {
    super(message, cause);
  }
}
