package io.faultline.paging;

import java.time.Duration;

/**
 * The settings of a pager.
 *
 * @param bufferBytes the memory that all regions together may use, a hard limit; at least {@link
 *     #LEAST_BUFFER_PAGES} pages
 * @param handlers the number of threads that serve faults, 1 to 64: the queue depth of the store
 *     for random accesses
 * @param writers the number of threads that write, 1 to 64: its queue depth for pages that leave.
 *     Writes of one page stay in order
 * @param storePatience after how long a call of a store that does not return is reported, and
 *     others stop to wait for it; positive
 */
public record PagerOptions(long bufferBytes, int handlers, int writers, Duration storePatience) {
  /**
   * The smallest buffer that makes progress: one instruction may need four pages at once, two
   * operands that both cross a page boundary.
   */
  public static final int LEAST_BUFFER_PAGES = 4;

  private static final int DEFAULT_HANDLERS = 2;
  private static final int MAX_THREADS = 64;
  private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(10);

  public PagerOptions {
    check(handlers, "handlers");
    check(writers, "writers");
    if (storePatience.isNegative() || storePatience.isZero()) {
      throw new IllegalArgumentException(
          "a patience of " + storePatience + " with stores: must be positive");
    }
  }

  private static void check(int threads, String what) {
    if (threads < 1 || threads > MAX_THREADS) {
      throw new IllegalArgumentException(
          threads + " " + what + ": must be 1 to " + MAX_THREADS + " threads");
    }
  }

  /** With two handlers and writers. */
  public static PagerOptions of(long bufferBytes) {
    return new PagerOptions(bufferBytes, DEFAULT_HANDLERS, DEFAULT_HANDLERS, DEFAULT_PATIENCE);
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

  /** With that many handlers, and as many writers. */
  public PagerOptions withHandlers(int newHandlers) {
    return new PagerOptions(bufferBytes, newHandlers, newHandlers, storePatience);
  }

  public PagerOptions withWriters(int newWriters) {
    return new PagerOptions(bufferBytes, handlers, newWriters, storePatience);
  }

  public PagerOptions withStorePatience(Duration newPatience) {
    return new PagerOptions(bufferBytes, handlers, writers, newPatience);
  }
}
