package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;

/**
 * Forgets pages that precopy brought and that will be sent again, before the guest runs: many runs
 * with one call, since the VM is paused meanwhile. Belongs to one loop.
 */
final class DiscardBatch implements PageSetReader.Runs {
  private static final int MOST = 1024;

  private final Kernel kernel;
  private final long[] addresses = new long[MOST];
  private final long[] lengths = new long[MOST];
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

  /** Takes whole pages out of a region, by the next {@link #flush} at the latest; in bytes. */
  void add(MemoryRegion region, long from, long to) {
    Advice wanted = advice(region);
    if (count == MOST || wanted != advice) {
      flush();
      advice = wanted;
    }
    addresses[count] = region.guest().address(from);
    lengths[count] = to - from;
    count++;
  }

  /** A shared page has to leave the file too, or a fault would find it there. */
  private static Advice advice(MemoryRegion region) {
    return region.backing().isShared() ? Advice.REMOVE : Advice.DONT_NEED;
  }

  /** What was told so far is out. */
  void flush() {
    kernel.adviseAll(addresses, lengths, count, advice);
    count = 0;
  }
}
