package io.faultline.dest;

import io.faultline.dest.received.ReceivedPages;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.Userfaultfd;
import java.util.ArrayList;
import java.util.List;

/**
 * The pages that will never arrive because the source is lost permanently. A page of the backing of
 * which any part is missing is lost as a whole. Immutable.
 */
final class LostPages {
  private final List<MemoryRegion> regions;
  private final List<PageBitmap> lost = new ArrayList<>();

  /**
   * @param received the pages that have arrived; no more may arrive
   */
  LostPages(List<MemoryRegion> regions, ReceivedPages received) {
    this.regions = regions;
    for (MemoryRegion region : regions) {
      lost.add(lostOf(region, received));
    }
  }

  private static PageBitmap lostOf(MemoryRegion region, ReceivedPages received) {
    PageBitmap pages = new PageBitmap(region.basePageCount());
    int grain = region.basePagesPerPage();
    received.forEachMissing(
        region, (first, end) -> pages.set(first / grain * grain, Math.ceilDiv(end, grain) * grain));
    return pages;
  }

  /** Base pages, indexed by region. */
  List<PageBitmap> byRegion() {
    return lost;
  }

  /** Base pages of all regions. */
  long count() {
    return lost.stream().mapToLong(PageBitmap::count).sum();
  }

  /**
   * Poisons them: an access that waits for one, or a later access, gets a memory error.
   *
   * @throws PlacementException if the kernel cannot poison pages
   */
  void poison(Userfaultfd userfaultfd) {
    forEachRun((region, from, to) -> poison(userfaultfd, region, from, to));
  }

  /** The same if some of them were filled with zeros meanwhile, which are no longer in use. */
  void poisonInPlaceOfZeros(Kernel kernel, Userfaultfd userfaultfd) {
    DiscardBatch discards = new DiscardBatch(kernel);
    forEachRun(discards::add);
    discards.flush();
    poison(userfaultfd);
  }

  private void forEachRun(Run run) {
    for (MemoryRegion region : regions) {
      PageBitmap pages = lost.get(region.id());
      for (long first = pages.nextSet(0); first < pages.pageCount(); ) {
        long end = pages.nextClear(first);
        run.of(region, first * region.basePageBytes(), end * region.basePageBytes());
        first = pages.nextSet(end);
      }
    }
  }

  /** Offsets in bytes. */
  private interface Run {
    void of(MemoryRegion region, long from, long to);
  }

  private static void poison(Userfaultfd userfaultfd, MemoryRegion region, long from, long to) {
    for (long offset = from; offset < to; ) {
      long result = userfaultfd.poison(region.guest().address(offset), to - offset, FillMode.WAKE);
      int errno = FillResult.errno(result);
      if (errno != 0 && errno != Errno.EAGAIN && errno != Errno.EEXIST) {
        throw new PlacementException(
            "the kernel cannot poison pages, which needs Linux 6.6: "
                + FillResult.describe(result));
      }
      // A page that is present, such as a huge page with a missing part, stays as it is.
      offset +=
          errno == Errno.EEXIST
              ? FillResult.bytesDone(result) + region.pageBytes()
              : FillResult.bytesDone(result);
    }
  }
}
