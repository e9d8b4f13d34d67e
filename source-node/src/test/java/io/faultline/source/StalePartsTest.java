package io.faultline.source;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.Placement;
import io.faultline.proto.wire.PageSet;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Huge pages with stale parts, on the simulated kernel, which has any number of huge pages. */
final class StalePartsTest {
  private static final int PARTS = 512;
  private static final int HUGE_PAGES = 4;

  private final MemoryRegion ram =
      MemoryRegion.map(
          new SimulatedKernel(), 0, "ram", Backing.HUGETLB_2M, HUGE_PAGES * PARTS * 4096L);
  private final OutgoingCounters counters = new OutgoingCounters();
  private final RecordingSink sink = new RecordingSink(HUGE_PAGES * PARTS);

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void requestIsAnsweredWithTheStalePartsOfItsHugePage() throws Exception {
    OutgoingRegions regions = stale(Placement.CONTINUE, PARTS + 3, PARTS + 4, PARTS + 100);
    PageRequestServer server = new PageRequestServer(regions, true, sink, counters);
    fill(PARTS + 3, PARTS + 4);
    server.serve(0, PARTS + 77);
    assertThat(sink.runs).containsExactly("data 0:515+2", "zero 0:612+1", "current 0:512+512");
    assertThat(server.pagesSent()).isEqualTo(3);
  }

  @Test
  void hugePageWithoutStalePartsIsCurrentAtEveryRequest() throws Exception {
    OutgoingRegions regions = stale(Placement.CONTINUE, 3);
    PageRequestServer server = new PageRequestServer(regions, true, sink, counters);
    server.serve(0, PARTS);
    server.serve(0, PARTS + 1);
    assertThat(sink.runs).containsExactly("current 0:512+512", "current 0:512+512");
    assertThat(counters.currentAnswers.sum()).isEqualTo(2);
    assertThat(server.pagesSent()).isZero();
  }

  @Test
  void hugePageIsNotCurrentIfTheBackgroundScanClaimedAPart() throws Exception {
    OutgoingRegions regions = stale(Placement.CONTINUE, 3, 9);
    PageRequestServer server = new PageRequestServer(regions, true, sink, counters);
    assertThat(regions.get(0).sent().claim(9)).isTrue();
    server.serve(0, 0);
    assertThat(sink.runs).containsExactly("zero 0:3+1");
    server.serve(0, 0);
    assertThat(sink.runs).containsExactly("zero 0:3+1");
    assertThat(counters.duplicateRequests.sum()).isEqualTo(1);
  }

  @Test
  void hugePagesAreStaleAsAWholeWithCopy() throws Exception {
    OutgoingRegions regions = stale(Placement.COPY, PARTS + 3);
    assertThat(regions.stalePages()).isEqualTo(PARTS);
    PageRequestServer server = new PageRequestServer(regions, false, sink, counters);
    server.serve(0, PARTS + 500);
    assertThat(sink.runs).containsExactly("zero 0:512+512");
  }

  @Test
  void pagesNeededFirstAreSentOnceWithoutARequest() throws Exception {
    OutgoingRegions regions = stale(Placement.CONTINUE, 3, 4, 6, PARTS);
    PageRequestServer server = new PageRequestServer(regions, true, sink, counters);
    assertThat(regions.get(0).sent().claim(4)).isTrue();
    server.prefetch(new PageRange(0, 2, 5));
    assertThat(sink.runs).containsExactly("zero 0:3+1", "zero 0:6+1");
    server.prefetch(new PageRange(0, 2, 5));
    assertThat(server.pagesSent()).isEqualTo(2);
    assertThat(counters.prefetchedPages.sum()).isEqualTo(2);
  }

  @Test
  void pagesNeededFirstMustBeInTheMemory() {
    List<MemoryRegion> memory = List.of(ram);
    long pages = HUGE_PAGES * PARTS;
    for (PageRange wrong :
        List.of(
            new PageRange(1, 0, 1),
            new PageRange(-1, 0, 1),
            new PageRange(0, -1, 1),
            new PageRange(0, pages, 1),
            new PageRange(0, pages - 1, 2),
            new PageRange(0, 1, Long.MAX_VALUE),
            new PageRange(0, 0, 0))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new OutgoingRegions(memory, Placement.COPY, List.of(wrong)))
          .withMessageContaining(wrong.toString());
    }
    PageRange last = new PageRange(0, pages - 1, 1);
    assertThat(new OutgoingRegions(memory, Placement.COPY, List.of(last)).neededFirst())
        .containsExactly(last);
  }

  @Test
  void hugePageIsHotIfAPartOfItIs() {
    OutgoingRegions regions = new OutgoingRegions(List.of(ram), Placement.COPY);
    FakeDirtyLog log = new FakeDirtyLog(new ArrayList<>());
    log.dirty(PARTS + 1);
    regions.collect(log);
    regions.markStale();
    assertThat(regions.get(0).hot(0).count(0, 2)).isEqualTo(2);
    assertThat(regions.get(0).hot(0).count()).isEqualTo(2);
    assertThat(regions.get(0).hot(1).count()).isZero();
  }

  @Test
  void staleSetListsEveryStalePageOnceInOrder() {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("staleSet seed " + seed);
    Random random = new Random(seed);
    OutgoingRegions regions = new OutgoingRegions(List.of(ram), Placement.CONTINUE);
    PageBitmap dirty = regions.get(0).dirty();
    dirty.clear(0, dirty.pageCount());
    for (int i = random.nextInt(2000); i > 0; i--) {
      dirty.claim(random.nextInt(HUGE_PAGES * PARTS));
    }
    regions.markStale();
    PageSetWriter set = new PageSetWriter(regions, PageSetWriter.Use.STALE, sink);
    while (set.sendNext() > 0) {}
    PageBitmap listed = new PageBitmap(dirty.pageCount());
    long page = 0;
    for (var frame : sink.frames) {
      PageSet part = frame.getStale();
      assertThat(part.getFirstPage()).isEqualTo(page);
      for (int i = 0; i < part.getRunsCount(); i++) {
        if (i % 2 == 1) {
          listed.set(page, page + part.getRuns(i));
        }
        page += part.getRuns(i);
      }
    }
    assertThat(page).isEqualTo(dirty.pageCount());
    assertThat(sink.frames.getLast().getStale().getLast()).isTrue();
    for (page = 0; page < dirty.pageCount(); page++) {
      assertThat(listed.get(page)).as("page %s", page).isEqualTo(dirty.get(page));
    }
  }

  private OutgoingRegions stale(Placement placement, long... pages) {
    OutgoingRegions regions = new OutgoingRegions(List.of(ram), placement);
    PageBitmap dirty = regions.get(0).dirty();
    dirty.clear(0, dirty.pageCount());
    for (long page : pages) {
      dirty.claim(page);
    }
    regions.markStale();
    return regions;
  }

  private void fill(long... pages) {
    for (long page : pages) {
      ram.guest().data().set(JAVA_BYTE, page * 4096, (byte) 1);
    }
  }
}
