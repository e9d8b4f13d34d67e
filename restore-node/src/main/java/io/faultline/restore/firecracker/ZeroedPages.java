package io.faultline.restore.firecracker;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * Pages of the memory file that read as zeros from now on: holes of the file, and pages that the
 * guest has given back (REMOVE). A page never leaves the set: once it was given back, the file's
 * content is never right again. So changes may be applied twice.
 *
 * <p>A bit for each page, in memory that may outlive this process. Confined to the VM's thread.
 */
final class ZeroedPages {
  private static final int BITS = Long.SIZE;
  private static final long ALL = -1;

  private final MemorySegment words;
  private final long pages;

  /**
   * @param memory of at least {@link #bytes}, with the set so far
   */
  ZeroedPages(MemorySegment memory, long pages) {
    this.words = memory;
    this.pages = pages;
  }

  /** The memory needed for so many pages. */
  static long bytes(long pages) {
    return (pages + BITS - 1) / BITS * Long.BYTES;
  }

  /** Adds a range, which may be empty. */
  void add(long first, long end) {
    if (first < 0 || end > pages) {
      throw new IllegalArgumentException("pages " + first + " to " + end + " of " + pages);
    }
    for (long page = first; page < end; page = nextWord(page)) {
      long mask = ALL << page & ALL >>> -Math.min(end, nextWord(page));
      words.setAtIndex(JAVA_LONG, page / BITS, word(page) | mask);
    }
  }

  /** Adds what was given back of regions: mappings that touch each other are one for the kernel. */
  void addRemoved(GuestRegions regions, long start, long end) {
    for (GuestRegion region : regions.all()) {
      long from = Math.max(start, region.address());
      long to = Math.min(end, region.end());
      if (from < to) {
        add(region.filePage(from), region.filePage(to));
      }
    }
  }

  boolean contains(long page) {
    return (word(page) >>> page & 1) != 0;
  }

  /** Whether all pages of a range are in the set. */
  boolean containsAll(long first, long end) {
    return next(first, end, ALL) >= end;
  }

  /** The first page of a range that is in the set; the end if there is none. */
  long nextIn(long first, long end) {
    return next(first, end, 0);
  }

  /** The first page of a range that is not in the set; the end if there is none. */
  long nextNotIn(long first, long end) {
    return next(first, end, ALL);
  }

  /**
   * @param inverted ALL to look for clear bits, 0 for set ones
   */
  private long next(long first, long end, long inverted) {
    for (long page = first; page < end; page = nextWord(page)) {
      long found = (word(page) ^ inverted) >>> page;
      if (found != 0) {
        return Math.min(end, page + Long.numberOfTrailingZeros(found));
      }
    }
    return Math.max(first, end);
  }

  private long word(long page) {
    return words.getAtIndex(JAVA_LONG, page / BITS);
  }

  private static long nextWord(long page) {
    return (page / BITS + 1) * BITS;
  }
}
