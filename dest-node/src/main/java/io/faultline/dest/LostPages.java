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
 * The pages that will never come, since the source is gone for good: each page of the backing that
 * lacks a part is lost as a whole. Does not change.
 */
final class LostPages {
  private final List<MemoryRegion> regions;
  private final List<PageBitmap> lost = new ArrayList<>();

  /**
   * @param here what is there; nothing comes any more
   */
  LostPages(List<MemoryRegion> regions, ReceivedPages here) {
    this.regions = regions;
    for (MemoryRegion region : regions) {
      lost.add(lostOf(region, here));
    }
  }

  private static PageBitmap lostOf(MemoryRegion region, ReceivedPages here) {
    PageBitmap pages = new PageBitmap(region.basePageCount());
    int grain = region.basePagesPerPage();
    here.forEachMissing(
        region, (first, end) -> pages.set(first / grain * grain, Math.ceilDiv(end, grain) * grain));
    return pages;
  }

  /** Base pages, by region. */
  List<PageBitmap> byRegion() {
    return lost;
  }

  /** Base pages of all regions. */
  long count() {
    return lost.stream().mapToLong(PageBitmap::count).sum();
  }

  /**
   * Poisons them: who waits for one, or touches one later, gets a memory error.
   *
   * @throws PlacementException where the kernel cannot do that
   */
  void poison(Userfaultfd userfaultfd) {
    forEachRun((region, from, to) -> poison(userfaultfd, region, from, to));
  }

  /** The same where zeros were put in the place of some, which nobody uses any more. */
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
            "the kernel does not poison pages (Linux 6.6 does): " + FillResult.describe(result));
      }
      // A page that is there after all, as one of a huge page that lacked a part, is let be.
      offset +=
          errno == Errno.EEXIST
              ? FillResult.bytesDone(result) + region.pageBytes()
              : FillResult.bytesDone(result);
    }
  }
}
