package io.faultline.paging;

/**
 * The settings of a pager.
 *
 * @param bufferBytes the memory that all regions together may use, a hard limit; at least {@link
 *     #LEAST_BUFFER_PAGES} pages
 * @param handlers the number of threads that serve faults, 1 to 64, and of those that write: the
 *     queue depth of the store for random accesses
 */
public record PagerOptions(long bufferBytes, int handlers) {
  /**
   * The smallest buffer that makes progress: one instruction may need four pages at once, two
   * operands that both cross a page boundary.
   */
  public static final int LEAST_BUFFER_PAGES = 4;

  private static final int DEFAULT_HANDLERS = 2;
  private static final int MAX_HANDLERS = 64;

  public PagerOptions {
    if (handlers < 1 || handlers > MAX_HANDLERS) {
      throw new IllegalArgumentException(
          handlers + " handlers: must be 1 to " + MAX_HANDLERS + " threads");
    }
  }

  /** With two handlers. */
  public static PagerOptions of(long bufferBytes) {
    return new PagerOptions(bufferBytes, DEFAULT_HANDLERS);
  }

  /**
   * The pages of the buffer.
   *
   * @throws IllegalArgumentException if they are fewer than {@code least}
   */
  long pages(int pageBytes, int least) {
    long pages = bufferBytes / pageBytes;
    if (pages < least) {
      throw new IllegalArgumentException(
          "buffer of "
              + bufferBytes
              + " bytes: one instruction may need "
              + LEAST_BUFFER_PAGES
              + " pages at once, so give it at least "
              + least * pageBytes);
    }
    return pages;
  }

  public PagerOptions withHandlers(int newHandlers) {
    return new PagerOptions(bufferBytes, newHandlers);
  }
}
