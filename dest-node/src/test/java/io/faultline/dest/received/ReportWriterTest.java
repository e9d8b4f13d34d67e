package io.faultline.dest.received;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.proto.wire.PageSet;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The report matches what was placed, whether the page table or a bitmap is the source. */
@EnabledOnOs(OS.LINUX)
final class ReportWriterTest {
  private static final int PAGES = 20_000;
  private static final int BASE = 4096;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  @Test
  void reportFromThePageTableMatchesAnonymousMemory() {
    assertReportMatchesPlacedPages(linux(), Backing.ANONYMOUS);
  }

  @Test
  void reportFromThePageTableMatchesSharedMemory() {
    assertReportMatchesPlacedPages(linux(), Backing.SHMEM);
  }

  @Test
  void reportFromThePageTableMatchesTheSimulatedKernel() {
    assertReportMatchesPlacedPages(new SimulatedKernel(), Backing.ANONYMOUS);
  }

  @Test
  void reportFromABitmapMatchesIt() {
    assertReportMatchesBitmaps(List.of(randomPages(), randomPages()));
  }

  @Test
  void reportOfNoPagesAndOfAllPages() {
    assertReportMatchesBitmaps(List.of(new PageBitmap(PAGES)));
    PageBitmap all = new PageBitmap(PAGES);
    all.setAll();
    assertReportMatchesBitmaps(List.of(all));
  }

  private void assertReportMatchesBitmaps(List<PageBitmap> current) {
    try (MemoryRegion first = region(0);
        MemoryRegion second = region(1)) {
      List<MemoryRegion> regions = List.of(first, second).subList(0, current.size());
      ReceivedSnapshot snapshot = new ReceivedSnapshot(current.toArray(PageBitmap[]::new));
      assertReported(regions, snapshot, current);
    }
  }

  private void assertReportMatchesPlacedPages(Kernel kernel, Backing backing) {
    try (MemoryRegion contents = MemoryRegion.map(kernel, 0, "contents", Backing.ANONYMOUS, BASE);
        MemoryRegion first = MemoryRegion.map(kernel, 0, "a", backing, (long) PAGES * BASE);
        MemoryRegion second = MemoryRegion.map(kernel, 1, "b", backing, (long) PAGES * BASE);
        Userfaultfd userfaultfd = kernel.openUserfaultfd(OpenOptions.of(Feature.MISSING_SHMEM));
        Pagemap pagemap = kernel.openPagemap()) {
      List<PageBitmap> placed = new ArrayList<>();
      for (MemoryRegion region : List.of(first, second)) {
        long guest = region.guest().address();
        userfaultfd.register(guest, region.sizeBytes(), Set.of(RegisterMode.MISSING));
        PageBitmap some = randomPages();
        placed.add(some);
        place(userfaultfd, guest, some, contents.guest().dataAddress(0));
      }
      assertReported(List.of(first, second), ReceivedPages.inPageTable(pagemap), placed);
    }
  }

  private void place(Userfaultfd userfaultfd, long guest, PageBitmap pages, long contents) {
    for (long page = pages.nextSet(0); page < PAGES; page = pages.nextSet(page + 1)) {
      long address = guest + page * BASE;
      long result =
          random.nextBoolean()
              ? userfaultfd.zeroPage(address, BASE, FillMode.WAKE)
              : userfaultfd.copy(address, contents, BASE, FillMode.WAKE);
      assertThat(FillResult.errno(result)).as("page %d, seed %d", page, seed).isZero();
    }
  }

  /** Runs of many lengths, so that a report has more runs than one frame may contain. */
  private PageBitmap randomPages() {
    PageBitmap pages = new PageBitmap(PAGES);
    int page = random.nextInt(3);
    while (page < PAGES) {
      int end = Math.min(PAGES, page + 1 + random.nextInt(random.nextInt(10) == 0 ? 500 : 2));
      pages.set(page, end);
      page = end + 1 + random.nextInt(3);
    }
    return pages;
  }

  private void assertReported(
      List<MemoryRegion> regions, ReceivedPages received, List<PageBitmap> placed) {
    ReportWriter writer = new ReportWriter(regions, received);
    List<PageBitmap> reported = regions.stream().map(r -> new PageBitmap(PAGES)).toList();
    boolean last = false;
    while (!writer.isEnded()) {
      assertThat(last).as("frames after the last; seed %d", seed).isFalse();
      PageSet frame = writer.next().getReceived();
      assertThat(frame.getRunsCount()).isBetween(1, ReportWriter.MAX_RUNS);
      long page = frame.getFirstPage();
      for (int i = 0; i < frame.getRunsCount(); i++) {
        long end = page + frame.getRuns(i);
        if (i % 2 == 1) {
          reported.get(frame.getRegion()).set(page, end);
        }
        page = end;
      }
      last = frame.getLast();
    }
    assertThat(last).isTrue();
    for (int i = 0; i < regions.size(); i++) {
      assertThat(bytes(reported.get(i)))
          .as("region %d, seed %d", i, seed)
          .isEqualTo(bytes(placed.get(i)));
    }
    long missing = placed.stream().mapToLong(each -> PAGES - each.count()).sum();
    assertThat(writer.missing()).as("missing pages; seed %d", seed).isEqualTo(missing);
  }

  private static byte[] bytes(PageBitmap bits) {
    ByteBuffer out = ByteBuffer.allocate(bits.serializedBytes());
    bits.write(out);
    return out.array();
  }

  private static MemoryRegion region(int id) {
    return MemoryRegion.map(
        new SimulatedKernel(), id, "ram" + id, Backing.SHMEM, (long) PAGES * BASE);
  }

  private static Kernel linux() {
    Kernel kernel = new LinuxKernel();
    assumeTrue(
        kernel.supportedFeatures().contains(Feature.MISSING_SHMEM),
        "userfaultfd on shared memory is not available on this machine");
    return kernel;
  }
}
