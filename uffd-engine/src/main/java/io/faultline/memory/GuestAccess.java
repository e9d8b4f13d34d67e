package io.faultline.memory;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.MemoryErrorException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The accesses of one simulated vCPU to a region, through a software TLB.
 *
 * <p>Java code that itself faults into userfaultfd hangs the JVM at its next garbage collection
 * (see {@link Kernel}). So the first load from a page and the first store to it are native calls,
 * which do the access; after it the page is known to be present for that kind of access, and later
 * accesses are plain. Entries are per base page whatever the backing, like dirty bits.
 *
 * <p><b>Dirty bits.</b> A store without a writable entry marks its page, then stores, then fills
 * the entry. A thread that takes the bits, then makes all vCPUs flush, then reads the pages loses
 * no write: a store through an entry from before the flush is in memory when the flush ends, since
 * the vCPU does both in order; later stores find no entry, and mark the page again for the next
 * time.
 *
 * <p>Before pages are removed or write-protected again, stop the vCPU and call {@link #flush}.
 *
 * <p>Confined to the thread of its vCPU. If two vCPUs store to the same word at the same time, one
 * of the two values remains.
 */
public final class GuestAccess {
  /**
   * Called around each access that may sleep in a fault, on the vCPU's thread. The methods must not
   * touch guest memory.
   */
  public interface FaultListener {
    /** Before the access. */
    void beforeNativeAccess();

    /** After the access, unless it ended with an exception. */
    void afterNativeAccess();
  }

  private static final int ENTRIES = 1 << 12;
  private static final long NONE = -1;

  private final Kernel kernel;
  private final Mapping mapping;
  private final String name;
  private final FaultListener listener;
  private final DirtyBits dirty;
  private final int pageShift;
  private final long lengthBytes;
  private final long[] readable = new long[ENTRIES];
  private final long[] writable = new long[ENTRIES];
  private volatile @Nullable PageBitmap lost;

  /** For a region without a dirty log. */
  public GuestAccess(Kernel kernel, MemoryRegion region, FaultListener listener) {
    this(kernel, region, listener, new DirtyBits());
  }

  /**
   * @param dirty the dirty bits of the region, shared by all of its vCPUs
   */
  public GuestAccess(Kernel kernel, MemoryRegion region, FaultListener listener, DirtyBits dirty) {
    this.kernel = kernel;
    this.mapping = region.guest();
    this.name = region.name();
    this.listener = listener;
    this.dirty = dirty;
    this.pageShift = Long.numberOfTrailingZeros(region.basePageBytes());
    this.lengthBytes = region.sizeBytes();
    flush();
  }

  /** Drops all entries: the next access to each page is a native call, the next store marks it. */
  public void flush() {
    Arrays.fill(readable, NONE);
    Arrays.fill(writable, NONE);
  }

  /**
   * Declares missing pages lost. From now on an access to one of them ends with a {@link
   * MemoryErrorException}, even one that is waiting in a fault now, whatever it returns. An access
   * that starts later does not reach the page. So the page may be poisoned once no earlier access
   * is in progress; {@link FaultListener#beforeNativeAccess} is called before an access checks for
   * lost pages. Any thread.
   *
   * @param pages base pages of the region, none of which was ever present; must not change any more
   */
  public void markLost(PageBitmap pages) {
    lost = pages;
  }

  /**
   * Loads eight bytes.
   *
   * @param offsetBytes within the region, a multiple of 8
   * @throws MemoryErrorException if the page is lost
   */
  public long load(long offsetBytes) {
    check(offsetBytes);
    long page = offsetBytes >>> pageShift;
    int entry = (int) page & (ENTRIES - 1);
    if (readable[entry] == page) {
      return NativeMemory.load(mapping.dataAddress(offsetBytes));
    }
    listener.beforeNativeAccess();
    requireNotLost(page);
    long value = kernel.guestLoad(mapping.address(offsetBytes));
    listener.afterNativeAccess();
    requireNotLost(page);
    readable[entry] = page;
    return value;
  }

  /**
   * Stores eight bytes.
   *
   * @param offsetBytes within the region, a multiple of 8
   * @throws MemoryErrorException if the page is lost
   */
  public void store(long offsetBytes, long value) {
    check(offsetBytes);
    long page = offsetBytes >>> pageShift;
    int entry = (int) page & (ENTRIES - 1);
    if (writable[entry] == page) {
      NativeMemory.store(mapping.dataAddress(offsetBytes), value);
      return;
    }
    dirty.mark(page);
    listener.beforeNativeAccess();
    requireNotLost(page);
    kernel.guestStore(mapping.address(offsetBytes), value);
    listener.afterNativeAccess();
    requireNotLost(page);
    if (!dirty.checksEveryStore()) {
      writable[entry] = page;
    }
    readable[entry] = page;
  }

  private void requireNotLost(long page) {
    PageBitmap pages = lost;
    if (pages != null && pages.get(page)) {
      long offset = page << pageShift;
      throw new MemoryErrorException(
          mapping.address(offset),
          String.format("page %d of %s (offset 0x%x) is lost", page, name, offset));
    }
  }

  private void check(long offsetBytes) {
    if (offsetBytes < 0 || offsetBytes > lengthBytes - Long.BYTES || (offsetBytes & 7) != 0) {
      throw new IllegalArgumentException(
          "guest access at offset " + offsetBytes + " of " + lengthBytes + " bytes");
    }
  }
}
