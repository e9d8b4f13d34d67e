package io.faultline.paging;

/**
 * Something that went wrong on a thread of the pager.
 *
 * @param kind what failed
 * @param offset the first byte of the region that is concerned
 * @param lengthBytes the length of that range
 * @param message for the user, one line
 */
public record PagingError(Kind kind, long offset, long lengthBytes, String message) {
  /** What failed. */
  public enum Kind {
    /** The store could not be read: the page is poisoned. */
    READ,
    /** The store could not be written: the pages stay in memory, and the pager tries again. */
    WRITE,
    /** No page can leave memory: the page that was needed is poisoned. */
    MEMORY,
    /** The application unmapped or moved a part of the region, which is lost. */
    MAPPING
  }

  /** Receives errors, on a thread of the pager. Must return soon, and must not throw. */
  @FunctionalInterface
  public interface Listener {
    void onError(PagingError error);
  }
}
