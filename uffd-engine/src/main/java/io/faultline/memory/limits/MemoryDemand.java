package io.faultline.memory.limits;

import io.faultline.memory.Backing;
import io.faultline.uffd.PageSize;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The memory that a node needs for a VM.
 *
 * @param guestBytes guest memory, by what it is made of
 * @param overheadBytes what the node itself still needs: buffers, bitmaps, page tables
 */
public record MemoryDemand(Map<Backing, Long> guestBytes, long overheadBytes) {
  public MemoryDemand {
    guestBytes = Map.copyOf(guestBytes);
  }

  /** A VM whose memory has one backing. */
  public static MemoryDemand of(Backing backing, long guestBytes, long overheadBytes) {
    return new MemoryDemand(Map.of(backing, guestBytes), overheadBytes);
  }

  /** The same VM, and a node that needs more. */
  public MemoryDemand withOverhead(long moreBytes) {
    return new MemoryDemand(guestBytes, overheadBytes + moreBytes);
  }

  /** Guest memory of all backings, in bytes. */
  public long allGuestBytes() {
    return guest(backing -> true);
  }

  /** Pages of the usual size, for the guest and the node. */
  long ordinaryBytes() {
    return guest(backing -> !backing.pageSize().isHuge()) + overheadBytes;
  }

  /** Private writable memory. */
  long privateBytes() {
    return guest(backing -> !backing.isShared()) + overheadBytes;
  }

  /** Address space: shared memory is mapped twice. */
  long addressSpaceBytes() {
    return guest(backing -> true) + guest(Backing::isShared) + overheadBytes;
  }

  /** Huge pages of one size. */
  long hugeBytes(PageSize size) {
    return guest(backing -> backing.pageSize() == size);
  }

  /** Huge pages of all sizes. */
  long allHugeBytes() {
    return guest(backing -> backing.pageSize().isHuge());
  }

  private long guest(Predicate<Backing> which) {
    return guestBytes.entrySet().stream()
        .filter(each -> which.test(each.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }
}
