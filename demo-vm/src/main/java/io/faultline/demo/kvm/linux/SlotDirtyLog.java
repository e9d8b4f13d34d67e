package io.faultline.demo.kvm.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;

/**
 * The dirty log of one memory slot (linux/kvm.h): KVM_GET_DIRTY_LOG returns the 4 KiB pages that
 * were written, KVM_CLEAR_DIRTY_LOG clears those that it is given and write-protects them again.
 *
 * <pre>
 *  kvm_dirty_log:        0      4         8              16
 *                        +------+---------+--------------+
 *                        | slot | padding | dirty_bitmap |
 *                        +------+---------+--------------+
 *  kvm_clear_dirty_log:  0      4           8            16             24
 *                        +------+-----------+------------+--------------+
 *                        | slot | num_pages | first_page | dirty_bitmap |
 *                        +------+-----------+------------+--------------+
 * </pre>
 *
 * Not thread-safe.
 */
public final class SlotDirtyLog implements AutoCloseable {
  /** The unit of the log. */
  public static final long PAGE_BYTES = 4096;

  private static final long GET_DIRTY_LOG = 0x4010ae42L;
  private static final long CLEAR_DIRTY_LOG = 0xc018aec0L;
  private static final long GET_BYTES = 16;
  private static final long CLEAR_BYTES = 24;

  /** 256 MiB of guest memory per call: the kernel holds its MMU lock meanwhile. */
  private static final long CHUNK_PAGES = 1 << 16;

  static {
    assert (GET_DIRTY_LOG >> 16 & 0x3fff) == GET_BYTES;
    assert (CLEAR_DIRTY_LOG >> 16 & 0x3fff) == CLEAR_BYTES;
    assert CHUNK_PAGES % Long.SIZE == 0;
  }

  private final Arena arena = Arena.ofShared();
  private final Fd machine;
  private final int slot;
  private final long pages;
  private final MemorySegment bitmap;
  private final MemorySegment get;
  private final MemorySegment clear;

  SlotDirtyLog(Fd machine, MemorySlot slot) {
    this.machine = machine;
    this.slot = slot.slot();
    this.pages = slot.lengthBytes() / PAGE_BYTES;
    this.bitmap = arena.allocate(JAVA_LONG, Math.ceilDiv(pages, Long.SIZE));
    this.get = arena.allocate(GET_BYTES, Long.BYTES);
    this.clear = arena.allocate(CLEAR_BYTES, Long.BYTES);
  }

  /**
   * Returns and clears the dirty pages. A page is clear before it is returned, so a later write
   * makes it dirty again.
   *
   * @param dirty gets page numbers, from the start of the slot, ascending
   */
  public void collect(LongConsumer dirty) {
    get.set(JAVA_INT, 0, slot);
    get.set(JAVA_LONG, 8, bitmap.address());
    machine.call("KVM_GET_DIRTY_LOG", GET_DIRTY_LOG, get.address());
    for (long first = 0; first < pages; first += CHUNK_PAGES) {
      long end = Math.min(pages, first + CHUNK_PAGES);
      if (anyDirty(first, end)) {
        clear(first, end);
        report(first, end, dirty);
      }
    }
  }

  private boolean anyDirty(long first, long end) {
    for (long page = first; page < end; page += Long.SIZE) {
      if (word(page) != 0) {
        return true;
      }
    }
    return false;
  }

  private void clear(long first, long end) {
    clear.set(JAVA_INT, 0, slot);
    clear.set(JAVA_INT, 4, (int) (end - first));
    clear.set(JAVA_LONG, 8, first);
    clear.set(JAVA_LONG, 16, bitmap.address() + first / Byte.SIZE);
    machine.call("KVM_CLEAR_DIRTY_LOG", CLEAR_DIRTY_LOG, clear.address());
  }

  private void report(long first, long end, LongConsumer dirty) {
    for (long page = first; page < end; page += Long.SIZE) {
      for (long bits = word(page); bits != 0; bits &= bits - 1) {
        dirty.accept(page + Long.numberOfTrailingZeros(bits));
      }
    }
  }

  private long word(long page) {
    return bitmap.getAtIndex(JAVA_LONG, page / Long.SIZE);
  }

  /** Frees its bitmap. */
  @Override
  public void close() {
    arena.close();
  }
}
