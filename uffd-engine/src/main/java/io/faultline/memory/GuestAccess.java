package io.faultline.memory;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.MemoryErrorException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How one simulated vCPU touches a region: a software TLB before the kernel.
 *
 * <p>Java code that itself faults into userfaultfd hangs the JVM at its next garbage collection
 * (see {@link Kernel}). So the first load from a page, and the first store to it, are native calls
 * that do the guest's own access; once one has returned, the page is known to be there for that
 * kind of access, and later ones are plain. Entries are of base pages, whatever the backing, as
 * dirty bits are.
 *
 * <p><b>Dirty bits.</b> A store that finds no writable entry marks its page, then stores, then
 * fills the entry. Whoever takes the bits, then has all vCPUs flush, and then reads the page misses
 * no write for good: a store through an entry that was there before the flush is in memory when the
 * flush is over, since the vCPU does the one before the other, and later stores find no entry, and
 * mark the page again, for the next to take.
 *
 * <p>Whatever takes pages away or write-protects them again must stop the vCPU and {@link #flush}
 * before.
 *
 * <p>Not thread-safe: it belongs to the thread of its vCPU. Two vCPUs that store to the same word
 * at the same time get one of the two values.
 */
public final class GuestAccess {
  /** Called around each access that may sleep in a fault, by the vCPU's thread. */
  public interface FaultListener {
    /**
     * Before and after: both on the vCPU's thread, which must not touch guest memory in here. An
     * access that ends with an exception has no after.
     */
    void beforeNativeAccess();

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

  /** For a region whose writes nobody logs. */
  public GuestAccess(Kernel kernel, MemoryRegion region, FaultListener listener) {
    this(kernel, region, listener, new DirtyBits());
  }

  /**
   * @param dirty of the region, shared by all who access it
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

  /** Forgets which pages are there, and which are marked as written. */
  public void flush() {
    Arrays.fill(readable, NONE);
    Arrays.fill(writable, NONE);
  }

  /**
   * Pages that are not there yet never will be: from here on an access to one of them ends with a
   * {@link MemoryErrorException}, whatever it brought, also one that waits now. One that begins
   * later does not reach the page, which may be poisoned once no access from before is under way:
   * {@link FaultListener#beforeNativeAccess} comes before this is looked at. Any thread.
   *
   * @param pages base pages of the region, none of which was ever there; not changed any more
   */
  public void lose(PageBitmap pages) {
    lost = pages;
  }

  /**
   * Loads eight bytes.
   *
   * @param offsetBytes within the region, a multiple of 8
   * @throws MemoryErrorException where the page is lost
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
   * @throws MemoryErrorException where the page is lost
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
    writable[entry] = page;
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
