package io.faultline.paging;

/**
 * A region of a {@link SharedMemoryPager}: memory of another process, backed by a store.
 *
 * <p>Pins end when the region is closed. Offsets and lengths are in bytes. Thread-safe, except
 * {@link #close}, {@link #withdraw} and {@link #abandon}.
 */
public final class SharedRegion extends BackedRegion {
  SharedRegion(PagerCore core, Region region) {
    super(core, region);
  }

  /**
   * Flushes the region, and drops its pages from memory. Its process must not access it any more.
   *
   * @throws PagingException if the store fails: the region stays open
   */
  @Override
  public void close() {
    if (!calls.isClosed()) {
      pins.releaseAll();
      flushAll();
      calls.abandon();
    }
  }

  /**
   * Flushes the region, drops its pages from memory, and makes every access of its process a memory
   * error (SIGBUS): for a process that is still there when the pager ends.
   *
   * @throws PagingException if the store fails: the region stays open
   */
  public void withdraw() {
    if (!calls.isClosed()) {
      pins.releaseAll();
      calls.withdraw();
    }
  }

  @Override
  public void abandon() {
    if (!calls.isClosed()) {
      pins.releaseAll();
      calls.abandon();
    }
  }
}
