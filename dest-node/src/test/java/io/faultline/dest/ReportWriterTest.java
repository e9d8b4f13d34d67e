package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.Placement;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.PageSet;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What a destination says it has is what it has, whoever is asked: the kernel, or the bits. */
@EnabledOnOs(OS.LINUX)
final class ReportWriterTest {
  private static final int PAGES = 20_000;
  private static final int BASE = 4096;

  private final long seed = ThreadLocalRandom.current().nextLong();
  private final SplittableRandom random = new SplittableRandom(seed);

  @Test
  void pageTableOfAnonymousMemoryTellsWhatWasPlaced() throws Exception {
    assertTellsWhatWasPlaced(linux(Feature.MISSING_SHMEM), Backing.ANONYMOUS);
  }

  @Test
  void pageTableOfSharedMemoryTellsWhatWasPlaced() throws Exception {
    assertTellsWhatWasPlaced(linux(Feature.MISSING_SHMEM), Backing.SHMEM);
  }

  @Test
  void pageTableOfTheSimulatedKernelTellsWhatWasPlaced() throws Exception {
    assertTellsWhatWasPlaced(new SimulatedKernel(), Backing.ANONYMOUS);
  }

  @Test
  void currentPagesTellWhatIsWhole() {
    try (MemoryRegion first = region(0);
        MemoryRegion second = region(1)) {
      List<MemoryRegion> regions = List.of(first, second);
      CurrentPages current = new CurrentPages(regions);
      List<PageBitmap> placed = new ArrayList<>();
      for (MemoryRegion region : regions) {
        PageBitmap some = randomPages();
        placed.add(some);
        current.of(region).or(some);
      }
      assertTold(regions, current.snapshot(), placed);
    }
  }

  @Test
  void allAndNothingAreTold() {
    try (MemoryRegion region = region(0)) {
      CurrentPages current = new CurrentPages(List.of(region));
      assertTold(List.of(region), current.snapshot(), List.of(new PageBitmap(PAGES)));
      PageBitmap all = new PageBitmap(PAGES);
      all.setAll();
      current.of(region).setAll();
      assertTold(List.of(region), current.snapshot(), List.of(all));
    }
  }

  private void assertTellsWhatWasPlaced(Kernel kernel, Backing backing) throws Exception {
    try (MemoryRegion contents = MemoryRegion.map(kernel, 0, "contents", Backing.ANONYMOUS, BASE);
        MemoryRegion first = MemoryRegion.map(kernel, 0, "a", backing, (long) PAGES * BASE);
        MemoryRegion second = MemoryRegion.map(kernel, 1, "b", backing, (long) PAGES * BASE);
        RegisteredMemory registered =
            RegisteredMemory.start(
                kernel,
                List.of(first, second),
                new MigrationParameters("postcopy", false, Placement.COPY),
                new NoRequests(),
                new IncomingCounters())) {
      registered.guestStarts();
      List<PageBitmap> placed = new ArrayList<>();
      for (MemoryRegion region : List.of(first, second)) {
        PageBitmap some = randomPages();
        placed.add(some);
        place(registered.bulkStream(0), region, some, contents.guest().dataAddress(0));
      }
      assertTold(List.of(first, second), registered.presentPages(), placed);
    }
  }

  private void place(PageStream stream, MemoryRegion region, PageBitmap pages, long contents)
      throws Exception {
    for (long page = pages.nextSet(0); page < PAGES; page = pages.nextSet(page + 1)) {
      if (random.nextBoolean()) {
        stream.run(region.id(), page, 1, Encoding.ENCODING_ZERO, 0, 0);
      } else {
        stream.run(region.id(), page, 1, Encoding.ENCODING_RAW, BASE, 0);
        stream.data(contents, BASE);
      }
    }
  }

  /** Pages in runs of many lengths, so that a report has more runs than one frame holds. */
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

  private void assertTold(
      List<MemoryRegion> regions, ReceivedPages asked, List<PageBitmap> placed) {
    ReportWriter writer = new ReportWriter(regions, asked);
    List<PageBitmap> told = regions.stream().map(r -> new PageBitmap(PAGES)).toList();
    boolean last = false;
    while (!writer.isEnded()) {
      assertThat(last).as("frames behind the last; seed %d", seed).isFalse();
      PageSet frame = writer.next().getReceived();
      assertThat(frame.getRunsCount()).isBetween(1, ReportWriter.MAX_RUNS);
      long page = frame.getFirstPage();
      for (int i = 0; i < frame.getRunsCount(); i++) {
        long end = page + frame.getRuns(i);
        if (i % 2 == 1) {
          told.get(frame.getRegion()).set(page, end);
        }
        page = end;
      }
      last = frame.getLast();
    }
    assertThat(last).isTrue();
    for (int i = 0; i < regions.size(); i++) {
      assertThat(bytes(told.get(i)))
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

  private static Kernel linux(Feature needed) {
    Kernel kernel = new LinuxKernel();
    assumeTrue(
        kernel.supportedFeatures().contains(needed), "this machine does not let us use " + needed);
    return kernel;
  }
}
