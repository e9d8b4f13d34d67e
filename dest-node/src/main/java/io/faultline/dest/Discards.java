package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;

/** Forgets pages that precopy brought and that will be sent again, before the guest runs. */
record Discards(Kernel kernel) implements PageSetReader.Runs {
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
    discard(kernel, region, first * region.basePageBytes(), end * region.basePageBytes());
  }

  /** Takes whole pages out of a region; offsets in bytes. */
  static void discard(Kernel kernel, MemoryRegion region, long from, long to) {
    // A shared page has to leave the file too, or a fault would find it there.
    Advice advice = region.backing().isShared() ? Advice.REMOVE : Advice.DONT_NEED;
    kernel.advise(region.guest().address(from), to - from, advice);
  }
}
