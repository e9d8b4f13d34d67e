package io.faultline.restore.image;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * The entries of one pagemap file, in ascending order of addresses. Immutable, thread-safe.
 *
 * <p>The pages file has the contents of the entries with {@link PageFlags#PRESENT}, in their order.
 */
public final class Pagemap {
  private final Path file;
  private final int pagesId;
  private final boolean wide;
  private final long[] starts;
  private final long[] pages;
  private final byte[] flags;

  /** Where the contents of each entry would start in the pages file. */
  private final long[] offsets;

  Pagemap(Path file, int pagesId, boolean wide, long[] starts, long[] pages, byte[] flags) {
    this.file = file;
    this.pagesId = pagesId;
    this.wide = wide;
    this.starts = starts;
    this.pages = pages;
    this.flags = flags;
    offsets = new long[starts.length];
    for (int i = 1; i < starts.length; i++) {
      offsets[i] = offsets[i - 1] + (has(i - 1, PageFlags.PRESENT) ? pages[i - 1] * PAGE_BYTES : 0);
    }
  }

  /** The pagemap file. */
  public Path file() {
    return file;
  }

  /** The file with the contents. */
  public Path pagesFile() {
    return file.resolveSibling("pages-" + Integer.toUnsignedString(pagesId) + ".img");
  }

  /**
   * Whether counts have 64 bits, or there are none: written by CRIU 4.2 or later, whose page server
   * protocol has wider headers, too.
   */
  public boolean isWide() {
    return wide;
  }

  public int count() {
    return starts.length;
  }

  public long startOf(int entry) {
    return starts[entry];
  }

  public long pagesOf(int entry) {
    return pages[entry];
  }

  /** The end of an entry's addresses, exclusive. */
  public long endOf(int entry) {
    return starts[entry] + pages[entry] * PAGE_BYTES;
  }

  /** Whether an entry has this {@link PageFlags flag}. */
  public boolean has(int entry, int flag) {
    return (flags[entry] & flag) != 0;
  }

  /** Where the contents of an entry with {@link PageFlags#PRESENT} start in the pages file. */
  public long offsetOf(int entry) {
    return offsets[entry];
  }

  /** The first entry that ends after an address; {@link #count} if there is none. */
  public int firstAfter(long address) {
    int found = Arrays.binarySearch(starts, address);
    if (found >= 0) {
      return found;
    }
    int before = -found - 2;
    return before >= 0 && endOf(before) > address ? before : before + 1;
  }

  /** Whether there is an entry for each of these pages. */
  public boolean covers(long start, long count) {
    long at = start;
    long end = start + count * PAGE_BYTES;
    for (int entry = firstAfter(start); at < end; entry++) {
      if (entry == starts.length || starts[entry] > at) {
        return false;
      }
      at = endOf(entry);
    }
    return true;
  }
}
