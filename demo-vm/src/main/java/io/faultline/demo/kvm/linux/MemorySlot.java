package io.faultline.demo.kvm.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A range of guest-physical memory and the mapping of this process that backs it: {@code struct
 * kvm_userspace_memory_region} (linux/kvm.h).
 *
 * <pre>
 *  0      4       8                 16            24                32
 *  +------+-------+-----------------+-------------+-----------------+
 *  | slot | flags | guest_phys_addr | memory_size | userspace_addr  |
 *  +------+-------+-----------------+-------------+-----------------+
 * </pre>
 *
 * @param slot number of the slot
 * @param guestAddress guest-physical, a multiple of 4096
 * @param lengthBytes a multiple of 4096
 * @param hostAddress of the mapping, a multiple of 4096
 * @param readOnly whether guest writes exit to user space instead of changing memory
 */
public record MemorySlot(
    int slot, long guestAddress, long lengthBytes, long hostAddress, boolean readOnly) {
  static final long SET_USER_MEMORY_REGION = 0x4020ae46L;

  private static final int LOG_DIRTY_PAGES = 1;
  private static final int READONLY = 2;
  private static final long SIZE = 32;

  static {
    assert (SET_USER_MEMORY_REGION >> 16 & 0x3fff) == SIZE;
  }

  MemorySegment encode(Arena arena, boolean logDirtyPages) {
    MemorySegment region = arena.allocate(SIZE, Long.BYTES);
    region.set(JAVA_INT, 0, slot);
    region.set(JAVA_INT, 4, (readOnly ? READONLY : 0) | (logDirtyPages ? LOG_DIRTY_PAGES : 0));
    region.set(JAVA_LONG, 8, guestAddress);
    region.set(JAVA_LONG, 16, lengthBytes);
    region.set(JAVA_LONG, 24, hostAddress);
    return region;
  }
}
