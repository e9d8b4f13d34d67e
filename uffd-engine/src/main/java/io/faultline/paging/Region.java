package io.faultline.paging;

import io.faultline.paging.table.StateTable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What the threads of the pager know about a region. Thread-safe. */
final class Region {
  final int index;
  final WatchedSpace space;
  final Backing backing;

  /** In the process that uses it. */
  final long address;

  /** Where Java code accesses pages that are pinned. */
  final long dataAddress;

  final long pages;
  final long lengthBytes;
  final int pageShift;
  final PageStore store;
  final StateTable states;
  final FrameShare share;
  final boolean writable;

  /** The number of open {@link PagedAccess}es. */
  final AtomicInteger accesses = new AtomicInteger();

  volatile PagingError.Listener listener = error -> {};
  volatile AccessAdvice advice = AccessAdvice.NORMAL;

  /** Where threads mark pages that may have changed, and are not writable any more. */
  final AtomicReference<@Nullable WriteLog> log = new AtomicReference<>();

  private volatile boolean storesWait;
  private volatile boolean closing;
  private volatile @Nullable String lost;

  Region(
      int index,
      WatchedSpace space,
      Backing backing,
      long address,
      long dataAddress,
      long lengthBytes,
      int pageShift,
      PageStore store,
      StateTable states,
      FrameShare share,
      boolean writable) {
    this.index = index;
    this.space = space;
    this.backing = backing;
    this.address = address;
    this.dataAddress = dataAddress;
    this.lengthBytes = lengthBytes;
    this.pageShift = pageShift;
    this.pages = states.pages();
    this.store = store;
    this.states = states;
    this.share = share;
    this.writable = writable;
  }

  long address(long page) {
    return address + (page << pageShift);
  }

  long offset(long page) {
    return page << pageShift;
  }

  long mappedBytes() {
    return pages << pageShift;
  }

  long page(long atAddress) {
    return (atAddress - address) >>> pageShift;
  }

  /** The bytes of pages that belong to the region, which may end within its last page. */
  long bytes(long first, long count) {
    return Math.min(offset(first + count), lengthBytes) - offset(first);
  }

  /**
   * Declares that a thread may wait to store to a pinned page, which is refused once it is not
   * pinned: before it is looked at again whether it is.
   */
  void setStoresWait() {
    storesWait = true;
  }

  /**
   * Ends a pin of a page. A thread that waits for that faults again.
   *
   * @throws IllegalStateException if it has none
   */
  void unpin(long page) {
    states.unpin(page);
    if (storesWait) {
      space.uffd.wake(address(page), 1L << pageShift);
    }
  }

  /** Notes for the log that pages which the caller owns were writable, or have other contents. */
  void noteChanged(long first, long count) {
    WriteLog current = log.get();
    if (current != null) {
      current.mark(first, count);
    }
  }

  /** Declares that its memory is gone: no thread may change its mapping any more. */
  void lose(String why) {
    lost = why;
  }

  /** Why its memory is gone; null if it is there. */
  @Nullable String lost() {
    return lost;
  }

  /** Declares that the pager itself is about to unmap it. */
  void setClosing() {
    closing = true;
  }

  boolean isClosing() {
    return closing;
  }

  /** Whether its pages may be evicted: not after they are lost, and not while it is closed. */
  boolean canBeEvicted() {
    return !closing && (lost == null || backing.outlivesMapping());
  }

  void report(PagingError.Kind kind, long page, long count, String message) {
    try {
      listener.onError(new PagingError(kind, offset(page), bytes(page, count), message));
    } catch (RuntimeException | Error e) { // a thread of the pager must not end by it
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    }
  }

  @Override
  public String toString() {
    return "region " + index + " of " + lengthBytes + " bytes";
  }
}
