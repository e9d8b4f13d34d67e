package io.faultline.uffd;

/**
 * The regions that one scan of the page table found ({@code struct page_region}), in a buffer that
 * each scan reuses. Not thread-safe.
 */
public final class PageRegions {
  private final long[] starts;
  private final long[] ends;
  private final long[] categories;
  private int size;
  private long walkEnd;

  /**
   * @param capacity the maximum number of regions per scan, at least 1
   */
  public PageRegions(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity " + capacity + " is below 1");
    }
    starts = new long[capacity];
    ends = new long[capacity];
    categories = new long[capacity];
  }

  public int capacity() {
    return starts.length;
  }

  public int size() {
    return size;
  }

  /** The region's first address. */
  public long start(int index) {
    return starts[check(index)];
  }

  /** The region's end address, exclusive. */
  public long end(int index) {
    return ends[check(index)];
  }

  /** The mask of the region's {@link PageCategory categories}. */
  public long categories(int index) {
    return categories[check(index)];
  }

  /** The address where the walk stopped: continue scanning from here. */
  public long walkEnd() {
    return walkEnd;
  }

  /** Empties the buffer. For implementations of {@link Pagemap}. */
  public void clear() {
    size = 0;
  }

  /** Adds a region. For implementations of {@link Pagemap}. */
  public void add(long start, long end, long categoryMask) {
    starts[size] = start;
    ends[size] = end;
    categories[size] = categoryMask;
    size++;
  }

  /** Sets the address where the walk stopped. For implementations of {@link Pagemap}. */
  public void walkEnd(long address) {
    walkEnd = address;
  }

  private int check(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("region " + index + " of " + size);
    }
    return index;
  }
}
