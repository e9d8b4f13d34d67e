package io.faultline.dest;

import io.faultline.memory.Mapping;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;

/**
 * Discards pages that precopy brought and that will be sent again, before the guest runs here: many
 * runs with one call, since the VM is paused meanwhile. Confined to one loop.
 */
final class DiscardBatch implements PageSetReader.Runs {
  private static final int MAX_RUNS = 1024;

  private final Kernel kernel;
  private final long[] addresses = new long[MAX_RUNS];
  private final long[] lengths = new long[MAX_RUNS];
  private int count;
  private Advice advice = Advice.DONT_NEED;

  DiscardBatch(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public void run(MemoryRegion region, long first, long end, boolean inSet) throws WireException {
    if (!inSet) {
      return;
    }
    int grain = region.basePagesPerPage();
    if (first % grain != 0 || end % grain != 0) {
      throw new WireException(
          "pages " + first + " to " + end + " to discard, which are not whole pages of " + grain);
    }
    add(region, first * region.basePageBytes(), end * region.basePageBytes());
  }

  /**
   * Discards whole pages, by the next {@link #flush} at the latest.
   *
   * @param from offset in the region, in bytes
   * @param to end offset, exclusive
   */
  void add(MemoryRegion region, long from, long to) {
    Advice wanted = advice(region);
    if (count == MAX_RUNS || wanted != advice) {
      flush();
      advice = wanted;
    }
    addresses[count] = mapping(region).address(from);
    lengths[count] = to - from;
    count++;
  }

  /** The guest mapping of shared memory may be that of another process. */
  private static Mapping mapping(MemoryRegion region) {
    return region.backing().isShared() ? region.transfer() : region.guest();
  }

  /** A shared page must be removed from the file too, or a fault would find it there. */
  private static Advice advice(MemoryRegion region) {
    return region.backing().isShared() ? Advice.REMOVE : Advice.DONT_NEED;
  }

  /** Discards everything added so far. */
  void flush() {
    kernel.adviseAll(addresses, lengths, count, advice);
    count = 0;
  }
}
