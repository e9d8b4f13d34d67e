package io.faultline.paging;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * How pages leave a region and return: what differs between private memory of this process and
 * shared memory of another one. All else is the same for both.
 *
 * <p>The caller owns the pages that it passes (CHANGING or FILLING). Thread-safe.
 */
interface Backing {
  /**
   * Stages dirty pages in free slots of the staging ring. No store to a page that is staged is
   * lost: one before is in {@link #staged}, one after it faults.
   *
   * @return a {@link io.faultline.uffd.FillResult}: the pages that are staged, from the first on,
   *     and why the next is not. It and all others are in the region as before. ENOENT: it has no
   *     contents any more, and its frame is free
   */
  long stage(Region region, long first, int count, int slot, Lane lane);

  /**
   * Brings staged pages back from consecutive slots, writable, with their frames, and wakes their
   * waiters.
   *
   * @return a {@link io.faultline.uffd.FillResult}: the pages that are back, from the first on,
   *     whose slots are clear; and why the next is not. It and all others are still staged
   */
  long unstage(Region region, long first, int count, int slot, Lane lane);

  /** Memory that has the contents of staged pages: consecutive ones if their slots are. */
  MemorySegment staged();

  /** Where {@link #staged} has the contents of a page. */
  long stagedOffset(Region region, long page, int slot);

  /**
   * Whether staged pages stay where they are, so that one cannot come back while it is written to
   * the store. Their memory is freed by {@link #dropStaged}, else with that of their slots.
   */
  boolean stagesInPlace();

  /**
   * Frees the memory of staged pages that are in the store, or not needed any more, before they
   * become absent.
   *
   * @return the number of frames that are free now: all, or none if the slots have them
   * @throws io.faultline.uffd.SystemCallException if the kernel refuses: nothing has changed
   */
  int dropStaged(Region region, long first, int count);

  /**
   * Drops pages that are clean, or not needed any more.
   *
   * @throws io.faultline.uffd.SystemCallException if the kernel refuses: nothing has changed
   */
  void drop(Region region, long first, int count);

  /**
   * As {@link #drop}, for ranges of regions that have this backing.
   *
   * @throws io.faultline.uffd.SystemCallException if the kernel refuses one: some may be dropped
   */
  default void dropAll(Region[] regions, long[] firsts, int[] counts, int ranges) {
    for (int i = 0; i < ranges; i++) {
      drop(regions[i], firsts[i], counts[i]);
    }
  }

  /** Drops poisoned pages, so that an access to one faults. Until then it may find zeros. */
  void clearPoison(Region region, long first, int count);

  /** Whether a page is known to be mapped, so that its waiters only have to be woken. */
  boolean isMapped(Region region, long page);

  /**
   * Lets accesses to a resident page continue that has faulted although it should be there.
   *
   * @param state of the page, which it keeps unless it becomes writable
   * @return whether it has that state, or is writable; or that it has no contents any more
   */
  Reveal reveal(Region region, long page, int state, Lane lane);

  /** The result of {@link #reveal}. */
  enum Reveal {
    AS_BEFORE,
    WRITABLE,
    VANISHED,
    /** The kernel refuses now. */
    REFUSED
  }

  /**
   * Continues a fill that found a page in memory which the pager has not placed.
   *
   * @return whether the page is filled now; if not, the fill is tried again
   */
  boolean adopt(Region region, long page, boolean write, Lane lane);

  /** Whether an errno of a call means that no thread can access the pages any more. */
  boolean isUnmapped(int errno);

  /**
   * Reads resident pages. Writable ones may change at the same time.
   *
   * @throws IOException if their contents are gone
   */
  void read(Region region, long first, int count, MemorySegment to) throws IOException;

  /** Whether the contents of resident pages remain once the region is lost. */
  boolean outlivesMapping();

  /** Frees all memory of a region, all pages of which the caller owns. */
  void release(Region region);
}
