package io.faultline.restore.space;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Ranges that mremap has moved away, and whose UNMAP has not been read. The kernel sends it after
 * the REMAP, when the range is free already: meanwhile another thread may have moved pages there,
 * and its REMAP may be read first. So this UNMAP says nothing about what is there now.
 *
 * <p>MREMAP_DONTUNMAP sends no UNMAP. Then a later one of exactly the same range is missed: its
 * pages are dropped once the kernel says that nothing is mapped there.
 *
 * <p>Not thread-safe.
 */
final class LeftRanges {
  /** As many moves as threads that are between both events; then the oldest is forgotten. */
  private static final int MOST = 256;

  private final Deque<Range> ranges = new ArrayDeque<>();

  private record Range(long start, long end) {}

  void add(long start, long end) {
    if (ranges.size() == MOST) {
      ranges.removeFirst();
    }
    ranges.addLast(new Range(start, end));
  }

  /** Whether this UNMAP belongs to a move. It is expected once. */
  boolean remove(long start, long end) {
    return !ranges.isEmpty() && ranges.removeFirstOccurrence(new Range(start, end));
  }
}
