package io.faultline.restore.space;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Userfaultfd;

/**
 * What is known of one address space: where the pages of the dump are mapped, which of them are
 * missing, and which threads wait. {@link SpaceEvents}, {@link PageFills} and {@link ZeroFills}
 * work on it.
 *
 * <p>Confined to the session's event loop.
 */
final class SpaceState {
  final Userfaultfd userfaultfd;
  final DumpLayout layout;
  final AddressMap map;
  final PageBitmap missing;
  final SpaceCounters counters;
  final WaitingFaults waiting;

  /** Whether the whole lazy memory is registered: what is not, is not mapped any more. */
  boolean registered;

  /** Whether faults were read, or could not be resolved, since they were resolved last. */
  boolean unsettled;

  /** Whether the process has ended. */
  boolean gone;

  /** Every lazy page is missing, at the address where it was dumped. */
  SpaceState(Userfaultfd userfaultfd, DumpLayout layout, SpaceCounters counters) {
    this(userfaultfd, layout, new AddressMap(layout), new PageBitmap(layout.pageCount()), counters);
    missing.setAll();
  }

  private SpaceState(
      Userfaultfd userfaultfd,
      DumpLayout layout,
      AddressMap map,
      PageBitmap missing,
      SpaceCounters counters) {
    this.userfaultfd = userfaultfd;
    this.layout = layout;
    this.map = map;
    this.missing = missing;
    this.counters = counters;
    waiting = new WaitingFaults(counters.latencies);
  }

  /** The state of a child that was forked now. */
  SpaceState forked(Userfaultfd child) {
    PageBitmap same = new PageBitmap(layout.pageCount());
    same.or(missing);
    SpaceState forked = new SpaceState(child, layout, map.copy(), same, counters);
    forked.registered = true;
    return forked;
  }

  /** Pages have been placed. */
  void placed(long page, long count) {
    long address = map.addressOf(page);
    drop(page, count);
    waiting.removeIn(address, address + count * PAGE_BYTES);
  }

  /** Pages are not missing any more. */
  void drop(long first, long count) {
    missing.clear(first, first + count);
  }

  /** The pages of a range of addresses are not missing any more. */
  void dropIn(long start, long end) {
    map.forEach(start, end, this::drop);
  }

  /**
   * The first address of a range at which a page is missing.
   *
   * @return {@code end} if there is none
   */
  long firstMissing(long start, long end) {
    for (long at = map.nextAddress(start); at < end; ) {
      long page = map.pageAt(at);
      long runEnd = page + map.runLength(page);
      long found = missing.nextSet(page, runEnd);
      if (found < runEnd) {
        return Math.min(end, at + (found - page) * PAGE_BYTES);
      }
      at = map.nextAddress(at + (runEnd - page) * PAGE_BYTES);
    }
    return end;
  }

  void wake(long address, long lengthBytes) {
    userfaultfd.wake(address, lengthBytes);
  }

  /** Lets the threads that sleep in a range fault again: nothing is at these addresses. */
  void wakeIn(long start, long end) {
    if (waiting.isAnyIn(start, end)) {
      waiting.removeIn(start, end);
      wake(start, end - start);
    }
  }

  /** The process has ended. */
  void end() {
    gone = true;
    missing.clear(0, layout.pageCount());
    waiting.clear();
  }
}
