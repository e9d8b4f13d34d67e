package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * Resolves faults without the source: minor faults on pages that are known to be current, and
 * faults on lost pages, which get zeros that the VM will not use. Confined to the control loop.
 */
final class LocalFaultResolver implements FaultReader.LocalFaults, MemoryWaiter {
  private final CurrentPages current;
  private final boolean continued;
  private final PagePlacer placer;
  private final MemoryWaits waits;
  private final Runnable wakeAll;
  private boolean zeroMissing;

  /** A page that there was no memory for; null if there is none. It stands for all of them. */
  private @Nullable MemoryRegion shortRegion;

  private long shortOffset;

  /**
   * @param continued whether there are minor faults
   * @param wakeAll wakes every waiting vCPU, so that it faults again
   */
  LocalFaultResolver(
      CurrentPages current,
      boolean continued,
      PagePlacer placer,
      MemoryWaits waits,
      Runnable wakeAll) {
    this.current = current;
    this.continued = continued;
    this.placer = placer;
    this.waits = waits;
    this.wakeAll = wakeAll;
  }

  /** Whether faults on missing pages get zeros. */
  void setZeroMissing(boolean on) {
    zeroMissing = on;
  }

  @Override
  public boolean resolve(MemoryRegion region, long page) {
    int grain = region.basePagesPerPage();
    long first = page / grain * grain;
    boolean isCurrent = continued && current.areWhole(region, first, first + grain);
    if (!isCurrent && !zeroMissing) {
      return false;
    }
    long offset = first * region.basePageBytes();
    if (!place(region, offset)) {
      shortRegion = region;
      shortOffset = offset;
      waits.add(this, region, offset);
    }
    return true;
  }

  @Override
  public boolean retry() {
    MemoryRegion region = shortRegion;
    if (region == null) {
      return true;
    }
    if (!place(region, shortOffset)) {
      return false;
    }
    shortRegion = null;
    wakeAll.run();
    return true;
  }

  /** Nothing is placed any more. */
  void stop() {
    shortRegion = null;
  }

  private boolean place(MemoryRegion region, long offset) {
    long bytes = region.pageBytes();
    return bytes == (continued ? placer.map(region, offset, bytes) : placeZeros(region, offset));
  }

  private long placeZeros(MemoryRegion region, long offset) {
    try (Arena arena = Arena.ofConfined()) {
      long bytes = region.backing().pageSize().isHuge() ? region.pageBytes() : 0;
      long zeros = arena.allocate(bytes, 1).address();
      return placer.placeZeros(region, offset, region.pageBytes(), zeros, false);
    }
  }
}
