package io.faultline.memory;

import org.jspecify.annotations.Nullable;

/**
 * The dirty bits of a region in the software MMU of simulated vCPUs: one per base page, also with
 * huge pages, shared by all vCPUs. A vCPU marks a page when it makes it writable in its TLB (see
 * {@link GuestAccess}); later stores through that entry do not mark it.
 *
 * <p>So {@link #start} and {@link #takeInto} take effect only once the TLBs of all vCPUs have been
 * flushed afterwards.
 *
 * <p>Any thread may mark; the other methods are for one thread at a time.
 */
public final class DirtyBits {
  private volatile @Nullable PageBitmap marked;
  private volatile boolean checksEveryStore;

  /**
   * Starts marking.
   *
   * @param pages base pages of the region
   * @throws IllegalStateException if it is already started
   */
  public void start(long pages) {
    if (marked != null) {
      throw new IllegalStateException("the dirty bits are in use by another log");
    }
    marked = new PageBitmap(pages);
  }

  /** Stops marking, and drops all marks. */
  public void stop() {
    marked = null;
  }

  /**
   * Moves the bits set since the start or the last call to {@code into}.
   *
   * @throws IllegalStateException if it is not started
   */
  public void takeInto(PageBitmap into) {
    PageBitmap bits = marked;
    if (bits == null) {
      throw new IllegalStateException("no dirty bits: start the log first");
    }
    bits.takeInto(into);
  }

  /**
   * Sets whether every store is a native one, which write protection may stop at any instant, and
   * none stays writable in a TLB. Takes effect once the TLBs of all vCPUs have been flushed
   * afterwards. One at a time, independently of a log.
   */
  public void checkEveryStore(boolean every) {
    checksEveryStore = every;
  }

  boolean checksEveryStore() {
    return checksEveryStore;
  }

  /** Called by a vCPU before it stores to a page that is not writable in its TLB. */
  void mark(long page) {
    PageBitmap bits = marked;
    if (bits != null) {
      bits.claim(page);
    }
  }
}
