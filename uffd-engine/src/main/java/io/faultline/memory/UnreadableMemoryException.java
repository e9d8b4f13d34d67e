package io.faultline.memory;

/**
 * Memory of a VM cannot be read, since what backs it fails. The message is for the user: what could
 * not be read, where, and what to do.
 */
public final class UnreadableMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnreadableMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
