package io.faultline.restore.space;

import java.util.Arrays;

/**
 * The lazy pages of one dumped process, numbered: page {@code n} of the dump is the {@code n}-th
 * lazy page in ascending order of addresses. Bitmaps over these numbers are small however sparse
 * the address space is.
 *
 * <p>The pages lie in extents: contiguous addresses at the time of the dump. Immutable,
 * thread-safe.
 */
public final class DumpLayout {
  /** The size of a page: memory of other page sizes is never lazy. */
  public static final int PAGE_BYTES = 4096;

  private final int pid;
  private final long[] starts;

  /** The number of the first page of each extent, and at the end the number of all pages. */
  private final long[] numbers;

  /**
   * @param pid of the process in the images
   * @param starts the first address of each extent, ascending, multiples of 4096
   * @param pages the number of pages of each extent, at least 1
   * @throws IllegalArgumentException if extents overlap or are not ascending
   */
  public DumpLayout(int pid, long[] starts, long[] pages) {
    this.pid = pid;
    this.starts = starts.clone();
    numbers = new long[starts.length + 1];
    for (int i = 0; i < starts.length; i++) {
      if (pages[i] < 1 || starts[i] % PAGE_BYTES != 0 || (i > 0 && starts[i] < endOf(i - 1))) {
        throw new IllegalArgumentException(
            String.format("extent %d: %d pages at 0x%x", i, pages[i], starts[i]));
      }
      numbers[i + 1] = numbers[i] + pages[i];
    }
  }

  /** The process in the images: the name of its files, and its id for a page server. */
  public int pid() {
    return pid;
  }

  /** The number of lazy pages. */
  public long pageCount() {
    return numbers[starts.length];
  }

  public int extentCount() {
    return starts.length;
  }

  /** The first address of an extent. */
  public long startOf(int extent) {
    return starts[extent];
  }

  /** The end of an extent, exclusive. */
  public long endOf(int extent) {
    return starts[extent] + (numbers[extent + 1] - numbers[extent]) * PAGE_BYTES;
  }

  /** The number of the first page of an extent; that of the next one is the end. */
  public long firstPageOf(int extent) {
    return numbers[extent];
  }

  /** The extent that contains a page. */
  public int extentOf(long page) {
    int found = Arrays.binarySearch(numbers, page);
    return found >= 0 ? found : -found - 2;
  }

  /** The number of the page at an address of the dump; -1 if it is not lazy. */
  public long pageAt(long address) {
    int found = Arrays.binarySearch(starts, address);
    int extent = found >= 0 ? found : -found - 2;
    if (extent < 0 || address >= endOf(extent)) {
      return -1;
    }
    return numbers[extent] + (address - starts[extent]) / PAGE_BYTES;
  }

  /** Whether an address of the range, whose end is exclusive, is lazy. */
  public boolean hasPageIn(long start, long end) {
    int found = Arrays.binarySearch(starts, start);
    int extent = found >= 0 ? found : -found - 2;
    boolean inside = extent >= 0 && start < Math.min(end, endOf(extent));
    int next = extent + 1;
    return inside || (next < starts.length && starts[next] < end);
  }

  /** The address of a page at the time of the dump. */
  public long addressOf(long page) {
    int extent = extentOf(page);
    return starts[extent] + (page - numbers[extent]) * PAGE_BYTES;
  }

  /** The end of the extent of a page, as the number of the page after it. */
  public long extentEnd(long page) {
    return numbers[extentOf(page) + 1];
  }
}
