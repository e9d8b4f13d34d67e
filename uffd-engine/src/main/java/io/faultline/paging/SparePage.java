package io.faultline.paging;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one page that may be in memory beyond the frames of a {@link SharedMemoryPager}, and what is
 * in it.
 *
 * @param lock held by the thread that uses it
 * @param zeros native memory of a page
 */
record SparePage(ReentrantLock lock, MemorySegment zeros) {
  /** How many pages it is. */
  static final int PAGES = 1;

  SparePage(MemorySegment zeros) {
    this(new ReentrantLock(), zeros);
  }
}
