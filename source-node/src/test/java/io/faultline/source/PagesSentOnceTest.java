package io.faultline.source;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.WireException;
import io.faultline.source.scan.Prefetcher;
import io.faultline.source.scan.ScanOrder;
import io.faultline.source.scan.ScanSettings;
import io.faultline.uffd.linux.LinuxKernel;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class PagesSentOnceTest {
  private static final int PAGES = 1000;
  private static final int OTHER_PAGES = 3;

  private final LinuxKernel kernel = new LinuxKernel();
  private final MemoryRegion ram =
      MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, PAGES * 4096L);
  private final MemoryRegion rom =
      MemoryRegion.map(kernel, 1, "rom", Backing.ANONYMOUS, OTHER_PAGES * 4096L);
  private final OutgoingRegions regions = new OutgoingRegions(List.of(ram, rom), Placement.COPY);
  private final OutgoingCounters counters = new OutgoingCounters();
  private final RecordingSink sink = new RecordingSink(PAGES, OTHER_PAGES);
  private final PageRequestServer server = new PageRequestServer(regions, false, sink, counters);
  private final ScanOrder order = new ScanOrder(regions.all(), ScanSettings.DEFAULT);
  private final Prefetcher prefetcher =
      new Prefetcher(regions.all(), order, server, bytes -> {}, false, true, true);
  private final BackgroundScan scan = new BackgroundScan(regions, order, sink, counters);
  private final BulkPump pump = TestPumps.unlimited(sink);
  private boolean done;

  @BeforeEach
  void everythingIsStale() {
    regions.markStale();
  }

  @AfterEach
  void unmap() {
    ram.close();
    rom.close();
  }

  @Test
  void everyPageIsSentOnceWithRequestsAndScanInterleaved() throws Exception {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("everyPageIsSentOnce seed " + seed);
    Random random = new Random(seed);
    for (int page = 0; page < PAGES; page++) {
      if (random.nextInt(3) > 0) {
        ram.guest().data().set(JAVA_BYTE, page * 4096L + random.nextInt(4096), (byte) 1);
      }
    }
    sink.room = 0;
    pump.start(scan, () -> done = true);
    while (!done) {
      int region = random.nextInt(10) == 0 ? 1 : 0;
      int page = random.nextInt(region == 0 ? PAGES : OTHER_PAGES);
      server.serve(region, page);
      prefetcher.requested(region, page);
      sink.room = random.nextInt(100);
      if (random.nextBoolean()) {
        prefetcher.followUp();
      }
      pump.push();
    }
    assertThat(sink.sent[0]).containsOnly(1);
    assertThat(sink.sent[1]).containsOnly(1);
    assertThat(counters.pagesSent()).isEqualTo(PAGES + OTHER_PAGES);
  }

  @Test
  void zeroPagesAreDetectedToTheLastByte() {
    ram.guest().data().set(JAVA_BYTE, 1 * 4096L, (byte) 1);
    ram.guest().data().set(JAVA_BYTE, 4 * 4096L - 1, (byte) 1);
    pump.start(scan, () -> {});
    assertThat(sink.runs).startsWith("zero 0:0+1", "data 0:1+1", "zero 0:2+1", "data 0:3+1");
    assertThat(counters.zeroPages.sum()).isEqualTo(PAGES + OTHER_PAGES - 2);
    assertThat(counters.backgroundPages.sum()).isEqualTo(2);
  }

  @Test
  void scanContinuesFromTheLastRequest() throws Exception {
    sink.room = 1;
    pump.start(scan, () -> {});
    server.serve(0, 500);
    prefetcher.requested(0, 500);
    prefetcher.followUp();
    sink.room = 1;
    pump.push();
    assertThat(sink.runs.get(2)).startsWith("zero 0:501+");
  }

  @Test
  void secondRequestForAPageIsDroppedAndCounted() throws Exception {
    server.serve(0, 7);
    server.serve(0, 7);
    assertThat(sink.runs).containsExactly("zero 0:7+1");
    assertThat(counters.requests.sum()).isEqualTo(2);
    assertThat(counters.duplicateRequests.sum()).isEqualTo(1);
  }

  @Test
  void requestsOutsideTheMemoryAreRefused() {
    assertRefused(2, 0, "region 2");
    assertRefused(-1, 0, "region -1");
    assertRefused(0, PAGES, "page 1000");
    assertRefused(0, -1, "page -1");
    assertThat(sink.runs).isEmpty();
  }

  private void assertRefused(int region, long page, String named) {
    assertThatThrownBy(() -> server.serve(region, page))
        .isInstanceOf(WireException.class)
        .hasMessageContaining(named);
  }
}
