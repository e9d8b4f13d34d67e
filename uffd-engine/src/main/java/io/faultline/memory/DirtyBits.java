package io.faultline.memory;

import org.jspecify.annotations.Nullable;

/**
 * The dirty bits of a region, as the software MMU of simulated vCPUs keeps them: one for each base
 * page, also of huge backings, shared by all vCPUs. A vCPU marks a page when it makes it writable
 * in its TLB (see {@link GuestAccess}); what it stores through that entry later marks nothing.
 *
 * <p>So neither {@link #start} nor {@link #takeInto} is complete until the TLBs of all vCPUs have
 * been flushed after it.
 *
 * <p>Marking is for any thread; the rest for one thread at a time.
 */
public final class DirtyBits {
  private volatile @Nullable PageBitmap marked;

  /**
   * Starts to mark.
   *
   * @param pages base pages of the region
   * @throws IllegalStateException where it was started before and not stopped
   */
  public void start(long pages) {
    if (marked != null) {
      throw new IllegalStateException("the dirty bits are in use by another log");
    }
    marked = new PageBitmap(pages);
  }

  /** Stops marking, and forgets what was marked. */
  public void stop() {
    marked = null;
  }

  /**
   * Moves what was marked since the start or the last call to {@code into}.
   *
   * @throws IllegalStateException where it was not started
   */
  public void takeInto(PageBitmap into) {
    PageBitmap bits = marked;
    if (bits == null) {
      throw new IllegalStateException("the dirty bits are not kept: start the log first");
    }
    bits.takeInto(into);
  }

  /** By a vCPU, before it stores to a page that is not writable in its TLB. */
  void mark(long page) {
    PageBitmap bits = marked;
    if (bits != null) {
      bits.claim(page);
    }
  }
}
