package io.faultline.dest.recording;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IncomingRecordingTest {
  private static final int PAGES = 10_000;

  private final Kernel kernel = new SimulatedKernel();
  private final MemoryRegion rom = MemoryRegion.map(kernel, 0, "rom", Backing.ANONYMOUS, 4 * 4096L);
  private final MemoryRegion ram =
      MemoryRegion.map(kernel, 1, "ram", Backing.ANONYMOUS, PAGES * 4096L);
  private long now = 1_000;

  @AfterEach
  void unmap() {
    rom.close();
    ram.close();
  }

  @Test
  void faultIsUrgentIfItsPageArrivedAloneOnTheUrgentConnection() {
    IncomingRecording recording = copying();
    fault(recording, 7, 2_000);
    at(5_000);
    recording.urgent().data(ram, 7, 1, false);
    ResolvedFaults faults = recording.events().faults();
    assertThat(faults.kind(0)).isEqualTo(FaultKind.URGENT);
    assertThat(faults.latencyNanos()).containsExactly(3_000);
    assertThat(faults.pages()).as("numbered over all regions").containsExactly(4 + 7);
  }

  @Test
  void faultIsPrefetchedIfItsPageArrivedInALongerRun() {
    IncomingRecording recording = copying();
    fault(recording, 7, 2_000);
    at(5_000);
    recording.urgent().data(ram, 5, 8, false);
    assertThat(recording.events().faults().kind(0)).isEqualTo(FaultKind.PREFETCHED);
  }

  @Test
  void faultIsPrefetchedIfItsPageArrivedInTheBackground() {
    IncomingRecording recording = copying();
    fault(recording, 7, 2_000);
    at(5_000);
    recording.bulk().data(ram, 7, 1, false);
    assertThat(recording.events().faults().kind(0)).isEqualTo(FaultKind.PREFETCHED);
    assertThat(recording.events().faults().latencyNanos()).containsExactly(3_000);
  }

  @Test
  void theFirstRunAfterTheFaultResolvesIt() {
    IncomingRecording recording = copying();
    at(1_500);
    recording.bulk().data(ram, 0, 64, false); // lost with the connection, and sent again
    fault(recording, 7, 2_000);
    at(6_000);
    recording.bulk().zeros(ram, 7, 1, false);
    at(4_000);
    recording.urgent().zeros(ram, 7, 1, false);
    ResolvedFaults faults = recording.events().faults();
    assertThat(faults.kind(0)).isEqualTo(FaultKind.URGENT);
    assertThat(faults.latencyNanos()).containsExactly(2_000);
  }

  @Test
  void faultThatWasReadWhileTheOtherLoopMappedItsPageIsPrefetchedWithoutLatency() {
    IncomingRecording recording = copying();
    at(1_900);
    recording.bulk().data(ram, 0, 64, false);
    fault(recording, 7, 2_000);
    ResolvedFaults faults = recording.events().faults();
    assertThat(faults.kind(0)).isEqualTo(FaultKind.PREFETCHED);
    assertThat(faults.latencyNanos()).containsExactly(0);
  }

  @Test
  void severalFaultsOnAPageAreResolvedByTheSameRun() {
    IncomingRecording recording = copying();
    fault(recording, 7, 2_000);
    fault(recording, 9, 2_500);
    fault(recording, 7, 3_000);
    at(5_000);
    recording.urgent().data(ram, 7, 1, false);
    ResolvedFaults faults = recording.events().faults();
    assertThat(faults.latencyNanos()).containsExactly(3_000, -1, 2_000);
    assertThat(faults.kind(1)).isEqualTo(FaultKind.UNKNOWN);
  }

  @Test
  void samePageOfAnotherRegionResolvesNothing() {
    IncomingRecording recording = copying();
    fault(recording, 2, 2_000);
    at(5_000);
    recording.urgent().data(rom, 2, 1, false);
    assertThat(recording.events().faults().latencyNanos()).containsExactly(-1);
  }

  @Test
  void faultOnACurrentPageIsLocal() {
    IncomingRecording recording = continuing();
    at(2_000);
    recording.faults().read(2);
    recording.faults().resolvedLocally(ram, 3);
    recording.faults().requested(ram, 4);
    at(2_500);
    recording.bulk().mappedCurrent(ram, 0, 64);
    ResolvedFaults faults = recording.events().faults();
    assertThat(faults.kind(0)).isEqualTo(FaultKind.LOCAL);
    assertThat(faults.kind(1)).as("mapped with many others").isEqualTo(FaultKind.LOCAL);
    assertThat(faults.latencyNanos()).containsExactly(0, 500);
  }

  @Test
  void withContinueAPageResolvesItsFaultsWhenItIsMapped() {
    IncomingRecording recording = continuing();
    fault(recording, 7, 2_000);
    at(3_000);
    recording.urgent().data(ram, 7, 1, false);
    at(4_000);
    recording.urgent().mapped(ram, 7, 1);
    assertThat(recording.events().faults().latencyNanos()).containsExactly(2_000);
  }

  @Test
  void cellsCountThePagesOfEachWay() {
    IncomingRecording recording = copying();
    at(2_000);
    recording.bulk().data(ram, 0, 100, true);
    fault(recording, 7, 2_000);
    at(3_000);
    recording.urgent().data(ram, 7, 1, false);
    at(4_000);
    recording.urgent().data(ram, 8, 10, false);
    recording.bulk().data(ram, 200, 64, false);
    recording.bulk().zeros(ram, 300, 5, false);
    recording.urgent().current(ram, 400, 2);
    ArrivedCells cells = recording.events().cells();
    assertThat(cells.totalPages()).isEqualTo(PAGES + 4);
    assertThat(cells.pages()[0].length).isLessThanOrEqualTo(ArrivalMap.MAX_CELLS);
    assertThat(cells.pages()[0].length * cells.cellPages()).isGreaterThanOrEqualTo(PAGES + 4);
    assertThat(pages(cells, Way.PRECOPY)).isEqualTo(100);
    assertThat(pages(cells, Way.URGENT)).isEqualTo(1);
    assertThat(pages(cells, Way.PREFETCHED)).isEqualTo(10);
    assertThat(pages(cells, Way.BACKGROUND)).isEqualTo(64);
    assertThat(pages(cells, Way.ZERO)).isEqualTo(5);
    assertThat(pages(cells, Way.CURRENT)).isEqualTo(2);
    int cell = (int) ((4 + 8) / cells.cellPages());
    assertThat(cells.firstNanos()[cell]).isEqualTo(2_000);
    assertThat(cells.lastNanos()[cell]).isEqualTo(4_000);
  }

  @Test
  void runThatWasPartlyRequestedIsCountedPageByPage() {
    IncomingRecording recording = copying();
    fault(recording, 11, 2_000);
    fault(recording, 13, 2_000);
    recording.urgent().data(ram, 10, 8, false);
    ArrivedCells cells = recording.events().cells();
    assertThat(pages(cells, Way.URGENT)).isEqualTo(2);
    assertThat(pages(cells, Way.PREFETCHED)).isEqualTo(6);
  }

  @Test
  void faultsThatDoNotFitAreCounted() {
    IncomingRecording recording = new IncomingRecording(() -> now, 16);
    recording.begin(List.of(rom, ram), true);
    for (int page = 0; page < 100; page++) {
      fault(recording, page, 2_000 + 100L * page);
      at(2_050 + 100L * page);
      recording.urgent().data(ram, page, 1, false);
    }
    IncomingEvents events = recording.events();
    assertThat(events.faults().size()).isEqualTo(16);
    assertThat(events.faults().unrecorded()).isEqualTo(84);
    assertThat(events.faults().latencyNanos()).containsOnly(50);
    assertThat(LongStream.of(events.faultCounts().sums()).sum()).isEqualTo(100);
  }

  @Test
  void outagesHaveTheirReasonAndMayNotHaveEnded() {
    IncomingRecording recording = copying();
    recording.outages().lost("reset", 100);
    recording.outages().recovered(200);
    recording.outages().lost("silent", 300);
    assertThat(recording.events().outages())
        .containsExactly(
            new OutageLog.Outage(100, 200, "reset"), new OutageLog.Outage(300, 0, "silent"));
  }

  @Test
  void migrationThatEndedBeforeMemoryWasRegisteredHasNoEvents() {
    IncomingRecording recording = new IncomingRecording(() -> now);
    recording.ended(1, 0, 0, 0, 0, 9);
    assertThat(recording.events().milestones().endedNanos()).isEqualTo(9);
    assertThat(recording.events().faults().size()).isZero();
  }

  private IncomingRecording copying() {
    IncomingRecording recording = new IncomingRecording(() -> now, 1024);
    recording.begin(List.of(rom, ram), true);
    return recording;
  }

  private IncomingRecording continuing() {
    IncomingRecording recording = new IncomingRecording(() -> now, 1024);
    recording.begin(List.of(rom, ram), false);
    return recording;
  }

  private void fault(IncomingRecording recording, long page, long nanos) {
    at(nanos);
    recording.faults().read(1);
    recording.faults().requested(ram, page);
  }

  private void at(long nanos) {
    now = nanos;
  }

  private static long pages(ArrivedCells cells, Way way) {
    return LongStream.of(cells.pages()[way.ordinal()]).sum();
  }
}
