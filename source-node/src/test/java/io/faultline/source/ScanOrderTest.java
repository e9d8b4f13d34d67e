package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The order alone: pages are claimed here as the background does, and not sent. */
final class ScanOrderTest {
  private static final int PAGES = 16 << 10;
  private static final int OTHER_PAGES = 100;
  private static final int MOST = 64;

  private final SimulatedKernel kernel = new SimulatedKernel();
  private final MemoryRegion ram =
      MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, PAGES * 4096L);
  private final MemoryRegion rom =
      MemoryRegion.map(kernel, 1, "rom", Backing.ANONYMOUS, OTHER_PAGES * 4096L);
  private final OutgoingRegions regions = new OutgoingRegions(List.of(ram, rom), Placement.COPY);
  private final AccessHints hints = new AccessHints();
  private final FakeDirtyLog log = new FakeDirtyLog(new ArrayList<>());

  @AfterEach
  void unmap() {
    ram.close();
    rom.close();
  }

  @Test
  void withoutRequestsMemoryGoesAsItLiesInLargeRuns() {
    ScanOrder order = settled(ScanSettings.DEFAULT);
    for (int run = 0; run < PAGES / MOST; run++) {
      assertThat(next(order)).isEqualTo("0:" + run * MOST + "+" + MOST);
    }
    assertThat(next(order)).isEqualTo("1:0+64");
    assertThat(next(order)).isEqualTo("1:64+36");
    assertThat(order.next()).isFalse();
  }

  @Test
  void aBubbleGrowsUpwardThenDownwardWhileTheRestGoesOnBeside() {
    ScanOrder order = settled(ScanSettings.DEFAULT);
    hints.tell(0, 0, 5000, false);
    assertThat(runs(order, 6))
        .containsExactly("0:5000+64", "0:5064+64", "0:5128+64", "0:0+64", "0:4936+64", "0:64+64");
  }

  @Test
  void inFrontOfAGuestThatGoesOnTheBubbleDoesNotTurnBack() {
    ScanOrder order = settled(ScanSettings.DEFAULT);
    hints.tell(3, 0, 5000, true);
    List<String> runs = runs(order, 80);
    assertThat(runs).doesNotContain("0:4936+64").contains("0:" + (5000 + 59 * MOST) + "+64");
    assertThat(runs).contains("0:" + 19 * MOST + "+64");
  }

  @Test
  void bubblesShareTheStreamAndTheNewestHasMost() {
    ScanOrder order = settled(ScanSettings.DEFAULT);
    hints.tell(0, 0, 2000, true);
    hints.tell(1, 0, 6000, true);
    next(order);
    hints.tell(2, 0, 10_000, true);
    List<String> runs = runs(order, 80);
    long newest = count(runs, 10_000, 14_000);
    long first = count(runs, 2000, 6000);
    long second = count(runs, 6000, 10_000);
    long rest = count(runs, 0, 2000);
    assertThat(newest).isGreaterThan(first + second);
    assertThat(first).isBetween(8L, 16L);
    assertThat(second).isBetween(8L, 16L);
    assertThat(rest).isEqualTo(20);
  }

  @Test
  void whatWasWrittenLastGoesFirstAndNothingTwice() {
    log.dirty(50);
    regions.get(0).collect(log);
    log.dirty(20);
    regions.get(0).collect(log);
    ScanOrder order = settled(ScanSettings.DEFAULT);
    regions.get(0).sent().claim(5);
    assertThat(runs(order, 4)).containsExactly("0:0+5", "0:6+14", "0:20+30", "0:50+64");
  }

  @Test
  void eachPartCanBeSwitchedOff() {
    log.dirty(20);
    regions.get(0).collect(log);
    ScanOrder order = settled(ScanSettings.PLAIN);
    hints.tell(0, 0, 5000, true);
    assertThat(runs(order, 3)).containsExactly("0:0+64", "0:64+64", "0:128+64");
  }

  @Test
  void everyPageComesOnceWhereverTheGuestGoes() {
    long seed = ThreadLocalRandom.current().nextLong();
    System.out.println("everyPageComesOnce seed " + seed);
    Random random = new Random(seed);
    log.dirty(random.nextInt(OTHER_PAGES));
    regions.get(0).collect(log);
    ScanOrder order = settled(ScanSettings.DEFAULT);
    long claimed = 0;
    while (order.next()) {
      claimed += claim(order.run());
      if (random.nextInt(3) > 0) {
        int region = random.nextInt(5) == 0 ? 1 : 0;
        int page = random.nextInt(region == 0 ? PAGES : OTHER_PAGES);
        hints.tell(random.nextInt(AccessStreams.COUNT), region, page, random.nextBoolean());
        claimed += regions.get(region).sent().claim(page) ? 1 : 0;
      }
    }
    assertThat(claimed).isEqualTo(PAGES + OTHER_PAGES);
    assertThat(regions.get(0).sent().count()).isEqualTo(PAGES);
    assertThat(regions.get(1).sent().count()).isEqualTo(OTHER_PAGES);
  }

  private ScanOrder settled(ScanSettings order) {
    regions.settle();
    return new ScanOrder(regions, hints, order);
  }

  private List<String> runs(ScanOrder order, int count) {
    List<String> runs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      runs.add(next(order));
    }
    return runs;
  }

  private String next(ScanOrder order) {
    assertThat(order.next()).isTrue();
    ScanOrder.Run run = order.run();
    return run.region + ":" + run.unit + "+" + claim(run);
  }

  private long claim(ScanOrder.Run run) {
    return regions.get(run.region).sent().claimRun(run.unit, Math.min(run.end - run.unit, MOST));
  }

  private static long count(List<String> runs, long first, long end) {
    return runs.stream()
        .mapToLong(run -> Long.parseLong(run.substring(2, run.indexOf('+'))))
        .filter(page -> page >= first && page < end)
        .count();
  }
}
