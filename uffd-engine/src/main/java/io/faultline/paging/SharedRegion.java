package io.faultline.paging;

/**
 * A region of a {@link SharedMemoryPager}: memory of another process, backed by a store.
 *
 * <p>Offsets and lengths are in bytes. Thread-safe, except {@link #close} and {@link #abandon}.
 */
public final class SharedRegion implements AutoCloseable {
  private final Region region;
  private final RegionCalls calls;
  private final PagePins pins;

  SharedRegion(PagerCore core, Region region) {
    this.region = region;
    this.calls = new RegionCalls(core, region);
    this.pins = new PagePins(core, region);
  }

  public long lengthBytes() {
    return region.lengthBytes;
  }

  /** Sets the listener for errors on the pager's threads. */
  public void onError(PagingError.Listener listener) {
    region.listener = listener;
  }

  /**
   * Reads pages into memory, up to half of the buffer.
   *
   * @throws PagingException if the store fails
   */
  public void prefetch(long offset, long length) {
    calls.prefetch(offset, length);
  }

  /**
   * Reads pages into memory, and keeps them there until {@link #unpin}, or until the region is
   * closed. All pins of the pager must fit into half of the buffer, and those of this region into
   * half of what it may have in memory.
   *
   * @throws PagingException if they do not, or if the store fails; nothing is pinned then
   */
  public void pin(long offset, long length) {
    pins.pin(calls.firstPage(offset, length), calls.endPage(offset, length));
  }

  /**
   * Ends pins of {@link #pin}.
   *
   * @throws IllegalStateException if a page has none
   */
  public void unpin(long offset, long length) {
    pins.unpin(calls.firstPage(offset, length), calls.endPage(offset, length));
  }

  /** Announces accesses. {@link AccessAdvice#NORMAL} and RANDOM are for the whole region. */
  public void advise(AccessAdvice advice, long offset, long length) {
    calls.advise(advice, offset, length);
  }

  /**
   * Writes what was stored before the call, and makes it durable.
   *
   * @throws PagingException if the store fails: all that is not in the store stays in memory
   */
  public void flush(long offset, long length) {
    calls.flush(offset, length);
  }

  /** Flushes the whole region. */
  public void flushAll() {
    flush(0, region.lengthBytes);
  }

  /**
   * Makes whole pages read as zeros, in memory and in the store.
   *
   * @throws IllegalArgumentException if the range does not consist of whole pages
   * @throws PagingException if the store fails
   */
  public void discard(long offset, long length) {
    calls.discard(offset, length);
  }

  /** The number of pages in memory, without staged ones: a count that takes a scan. */
  public long residentPages() {
    return calls.residentPages();
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

  /** Closes the region without writing what is not in the store yet. */
  public void abandon() {
    if (!calls.isClosed()) {
      pins.releaseAll();
      calls.abandon();
    }
  }
}
