package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PrefetcherTest {
  private static final int PAGES = 4096;
  private static final long MIB = 1 << 20;

  private final SimulatedKernel kernel = new SimulatedKernel();
  private MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", Backing.SHMEM, PAGES * 4096L);
  private final OutgoingCounters counters = new OutgoingCounters();
  private final RecordingSink sink = new RecordingSink(PAGES);
  private final AccessHints hints = new AccessHints();
  private final RateLimit limit = new RateLimit(MIB);
  private OutgoingRegions regions = settled(Placement.COPY);
  private PageRequestServer urgent = new PageRequestServer(regions, false, sink, counters);
  private Prefetcher prefetcher = prefetcher(true, false);

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void aSequentialWalkCausesFewRequests() throws Exception {
    int requests = 0;
    for (int page = 0; page < PAGES; page++) {
      if (sink.sent[0][page] == 0) {
        request(page);
        prefetcher.followUp();
        requests++;
      }
    }
    assertThat(requests).isLessThan(PAGES / 100);
    assertThat(sink.sent[0]).containsOnly(1);
    assertThat(counters.prefetchedPages.sum()).isEqualTo(PAGES - requests);
    assertThat(urgent.pagesSent()).isEqualTo(PAGES);
  }

  @Test
  void allThatIsAskedForGoesBeforeAllThatIsBroughtAlong() throws Exception {
    walk(0, 1);
    sink.runs.clear();
    request(10);
    request(500);
    assertThat(sink.runs).containsExactly("zero 0:10+1", "zero 0:500+1");
    assertThat(prefetcher.followUp()).isTrue();
    assertThat(sink.runs).startsWith("zero 0:10+1", "zero 0:500+1", "zero 0:11+16");
  }

  @Test
  void nothingIsBroughtAlongWhileTheConnectionIsFull() throws Exception {
    walk(0, 1);
    request(10);
    sink.room = 0;
    sink.runs.clear();
    assertThat(prefetcher.followUp()).isFalse();
    assertThat(sink.runs).isEmpty();
    sink.room = Long.MAX_VALUE;
    assertThat(prefetcher.followUp()).as("it was not put off").isFalse();
  }

  @Test
  void aScatteredGuestGetsWhatItAsksFor() throws Exception {
    for (int stretch = PAGES / 512 - 1; stretch >= 0; stretch--) {
      walk(stretch * 512 + 3 * stretch);
    }
    assertThat(counters.prefetchedPages.sum()).isZero();
    assertThat(urgent.pagesSent()).isEqualTo(PAGES / 512);
  }

  @Test
  void aStretchThatIsAskedForAgainBringsItsRestUpwardThenFromItsStart() throws Exception {
    walk(1000);
    sink.runs.clear();
    walk(600);
    assertThat(sink.runs).containsExactly("zero 0:600+1", "zero 0:601+16");
    sink.runs.clear();
    walk(1020);
    assertThat(sink.runs).containsExactly("zero 0:1020+1", "zero 0:1021+3", "zero 0:512+61");
  }

  @Test
  void stridedAccessIsBroughtAlongPageByPage() throws Exception {
    walk(400, 650);
    sink.runs.clear();
    walk(900);
    assertThat(sink.runs)
        .startsWith("zero 0:900+1", "zero 0:1150+1", "zero 0:1400+1")
        .hasSize(1 + AccessStreams.FIRST_WINDOW);
  }

  @Test
  void aWalkDownwardIsBroughtAlongInRunsAndEndsWithMemory() throws Exception {
    walk(50, 49);
    sink.runs.clear();
    walk(48);
    assertThat(sink.runs).containsExactly("zero 0:48+1", "zero 0:40+8");
    walk(39);
    assertThat(sink.runs).endsWith("zero 0:39+1", "zero 0:23+16");
    walk(22);
    assertThat(sink.runs).endsWith("zero 0:22+1", "zero 0:0+22");
  }

  @Test
  void behindRoundsAPlaceAloneDoesNotTurnTheBackgroundAside() throws Exception {
    prefetcher = prefetcher(true, true);
    walk(700);
    assertThat(hints.look(0)).isEqualTo(AccessHints.NONE);
    walk(717);
    assertThat(AccessHints.isConfirmed(hints.look(0))).as("behind what was brought").isTrue();
  }

  @Test
  void theEndOfMemoryEndsAWalk() throws Exception {
    walk(PAGES - 3, PAGES - 2);
    assertThat(sink.runs).endsWith("zero 0:4094+1", "zero 0:4095+1");
    walk(PAGES - 1);
    assertThat(sink.runs).endsWith("zero 0:4095+1");
  }

  @Test
  void theBackgroundIsToldWhereTheGuestComesLater() throws Exception {
    walk(700);
    long place = hints.look(0);
    assertThat(AccessHints.basePage(place)).isEqualTo(700);
    assertThat(AccessHints.isConfirmed(place)).isFalse();
    walk(701);
    place = hints.look(0);
    assertThat(AccessHints.region(place)).isZero();
    assertThat(AccessHints.basePage(place)).isEqualTo(710 + 1024);
    assertThat(AccessHints.isConfirmed(place)).isTrue();
    assertThat(hints.look(1)).isEqualTo(AccessHints.NONE);
  }

  @Test
  void whatIsBroughtAlongComesOffTheBandwidthOfTheBackground() throws Exception {
    assertThat(limit.delayNanos(1)).isZero();
    walk(0, 1);
    assertThat(limit.delayNanos(1)).isEqualTo(8 * 4096 * 1_000_000_000L / MIB);
  }

  @Test
  void switchedOffItOnlyTellsTheBackground() throws Exception {
    prefetcher = prefetcher(false, true);
    walk(0, 1, 2);
    assertThat(sink.runs).containsExactly("zero 0:0+1", "zero 0:1+1", "zero 0:2+1");
    assertThat(AccessHints.isConfirmed(hints.look(0))).isTrue();
  }

  @Test
  void hugePagesComeAlone() throws Exception {
    ram.close();
    ram = MemoryRegion.map(kernel, 0, "ram", Backing.HUGETLB_2M, PAGES * 4096L);
    for (Placement placement : Placement.values()) {
      regions = settled(placement);
      urgent = new PageRequestServer(regions, false, sink, counters);
      prefetcher = prefetcher(true, true);
      walk(0, 512, 1024, 1600);
      assertThat(urgent.pagesSent()).as("%s", placement).isEqualTo(4 * 512);
      assertThat(AccessHints.isConfirmed(hints.look(0))).as("%s", placement).isTrue();
      assertThat(AccessHints.basePage(hints.look(0))).isEqualTo(2048);
    }
  }

  private OutgoingRegions settled(Placement placement) {
    OutgoingRegions made = new OutgoingRegions(List.of(ram), placement);
    made.settle();
    return made;
  }

  private Prefetcher prefetcher(boolean prefetch, boolean written) {
    FaultDensity density = new FaultDensity(regions, written);
    return new Prefetcher(regions, urgent, hints, density, limit, prefetch);
  }

  /** One request after another, each followed up. */
  private void walk(long... pages) throws Exception {
    for (long page : pages) {
      request(page);
      prefetcher.followUp();
    }
  }

  private void request(long page) throws Exception {
    urgent.serve(0, page);
    prefetcher.requested(0, page);
  }
}
