package io.faultline.restore.pageserver;

import java.io.IOException;

/** A session of a page server failed. The message is one line for the user. */
public final class PageServerException extends IOException {
  private static final long serialVersionUID = 1L;

  PageServerException(String message) {
    super(message);
  }

  PageServerException(String message, Throwable cause) {
    super(message, cause);
  }
}
