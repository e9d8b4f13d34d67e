package io.faultline.paging;

/**
 * Memory that is backed by a store, of this process or of another.
 *
 * <p>Offsets and lengths are in bytes. Thread-safe, except closing.
 */
public abstract sealed class BackedRegion implements AutoCloseable
    permits PagedRegion, SharedRegion {
  final PagerCore core;
  final Region region;
  final RegionCalls calls;
  final PagePins pins;

  BackedRegion(PagerCore core, Region region) {
    this.core = core;
    this.region = region;
    this.calls = new RegionCalls(core, region);
    this.pins = new PagePins(core, region);
  }

  public final long lengthBytes() {
    return region.lengthBytes;
  }

  /** Sets the listener for errors on the pager's threads. */
  public final void onError(PagingError.Listener listener) {
    region.listener = listener;
  }

  /**
   * Reads pages into memory, up to half of the buffer.
   *
   * @throws PagingException if the store fails
   */
  public final void prefetch(long offset, long length) {
    calls.prefetch(offset, length);
  }

  /**
   * Reads pages into memory, and keeps them there until {@link #unpin}. All pins of the pager, with
   * those of each {@link PagedAccess}, must fit into half of the buffer, and those of this region
   * into half of what it may have in memory.
   *
   * @throws PagingException if they do not, or if the store fails; nothing is pinned then
   */
  public final void pin(long offset, long length) {
    pins.pin(calls.firstPage(offset, length), calls.endPage(offset, length));
  }

  /**
   * Ends pins of {@link #pin}.
   *
   * @throws IllegalStateException if a page has none
   */
  public final void unpin(long offset, long length) {
    pins.unpin(calls.firstPage(offset, length), calls.endPage(offset, length));
  }

  /** Announces accesses. {@link AccessAdvice#NORMAL} and RANDOM are for the whole region. */
  public final void advise(AccessAdvice advice, long offset, long length) {
    calls.advise(advice, offset, length);
  }

  /**
   * Writes what was stored before the call, and makes it durable: it survives a crash once this
   * returns.
   *
   * @throws PagingException if the store fails: all that is not in the store stays in memory
   */
  public final void flush(long offset, long length) {
    calls.flush(offset, length);
  }

  /** Flushes the whole region. */
  public final void flushAll() {
    flush(0, region.lengthBytes);
  }

  /**
   * Makes whole pages read as zeros, in memory and in the store.
   *
   * @throws IllegalArgumentException if the range does not consist of whole pages
   * @throws IllegalStateException if a page is pinned
   * @throws PagingException if the store fails
   */
  public final void discard(long offset, long length) {
    calls.discard(offset, length);
  }

  /** The number of pages in memory, without staged ones: a count that takes a scan. */
  public final long residentPages() {
    return calls.residentPages();
  }

  /**
   * Flushes the region, and ends it. Nobody may access its memory any more.
   *
   * @throws PagingException if the store fails: the region stays open
   */
  @Override
  public abstract void close();

  /** Closes the region without writing what is not in the store yet. */
  public abstract void abandon();
}
