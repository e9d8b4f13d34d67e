package io.faultline.source.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The order alone: pages are claimed as the background scan does, but not sent. */
final class ScanOrderTest {
  private static final int PAGES = 16 << 10;
  private static final int OTHER_PAGES = 100;
  private static final int MAX_RUN = 64;

  private final FakeScanRegion ram = new FakeScanRegion(PAGES);
  private final List<ScanRegion> regions = List.of(ram, new FakeScanRegion(OTHER_PAGES));

  @Test
  void withoutRequestsMemoryIsScannedFromStartToEndInLargeRuns() {
    ScanOrder order = new ScanOrder(regions, ScanSettings.DEFAULT);
    for (int run = 0; run < PAGES / MAX_RUN; run++) {
      assertThat(next(order)).isEqualTo("0:" + run * MAX_RUN + "+" + MAX_RUN);
    }
    assertThat(next(order)).isEqualTo("1:0+64");
    assertThat(next(order)).isEqualTo("1:64+36");
    assertThat(order.next()).isFalse();
  }

  @Test
  void expectedPagesGoBeforeBubblesAndTheRest() {
    ram.expected().set(7000, 7100);
    ram.expected().set(9000, 9001);
    ScanOrder order = new ScanOrder(regions, ScanSettings.DEFAULT);
    order.hints().publish(0, 0, 5000, false);
    assertThat(runs(order, 4)).containsExactly("0:7000+64", "0:7064+36", "0:9000+1", "0:5000+64");
  }

  @Test
  void bubbleGrowsUpwardThenDownwardWhileTheRestIsScannedToo() {
    ScanOrder order = new ScanOrder(regions, ScanSettings.DEFAULT);
    order.hints().publish(0, 0, 5000, false);
    assertThat(runs(order, 6))
        .containsExactly("0:5000+64", "0:5064+64", "0:5128+64", "0:0+64", "0:4936+64", "0:64+64");
  }

  @Test
  void bubbleAheadOfASequentialGuestGrowsUpwardOnly() {
    ScanOrder order = new ScanOrder(regions, ScanSettings.DEFAULT);
    order.hints().publish(3, 0, 5000, true);
    List<String> runs = runs(order, 80);
    assertThat(runs).doesNotContain("0:4936+64").contains("0:" + (5000 + 59 * MAX_RUN) + "+64");
    assertThat(runs).contains("0:" + 19 * MAX_RUN + "+64");
  }

  @Test
  void bubblesShareTheScanAndTheNewestGetsMost() {
    ScanOrder order = new ScanOrder(regions, ScanSettings.DEFAULT);
    order.hints().publish(0, 0, 2000, true);
    order.hints().publish(1, 0, 6000, true);
    next(order);
    order.hints().publish(2, 0, 10_000, true);
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
  void hotPagesComeFirstTheMostRecentGenerationBeforeTheOthers() {
    ram.hot(0).set(0, 20);
    ram.hot(1).set(0, 50);
    ScanOrder order = new ScanOrder(regions, ScanSettings.DEFAULT);
    ram.sent().claim(5);
    assertThat(runs(order, 4)).containsExactly("0:0+5", "0:6+14", "0:20+30", "0:50+64");
  }

  @Test
  void plainSettingsIgnoreHotPagesAndHints() {
    ram.hot(0).set(0, 20);
    ScanOrder order = new ScanOrder(regions, ScanSettings.PLAIN);
    order.hints().publish(0, 0, 5000, true);
    assertThat(runs(order, 3)).containsExactly("0:0+64", "0:64+64", "0:128+64");
  }

  @Test
  void everyPageIsChosenOnceWhateverTheGuestDoes() {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("everyPageIsChosenOnce seed " + seed);
    Random random = new Random(seed);
    ram.hot(0).set(0, random.nextInt(OTHER_PAGES));
    ScanOrder order = new ScanOrder(regions, ScanSettings.DEFAULT);
    long claimed = 0;
    while (order.next()) {
      claimed += claim(order);
      if (random.nextInt(3) > 0) {
        int region = random.nextInt(5) == 0 ? 1 : 0;
        int page = random.nextInt(region == 0 ? PAGES : OTHER_PAGES);
        int stream = random.nextInt(AccessStreams.COUNT);
        order.hints().publish(stream, region, page, random.nextBoolean());
        claimed += regions.get(region).sent().claim(page) ? 1 : 0;
      }
    }
    assertThat(claimed).isEqualTo(PAGES + OTHER_PAGES);
    assertThat(regions.get(0).sent().count()).isEqualTo(PAGES);
    assertThat(regions.get(1).sent().count()).isEqualTo(OTHER_PAGES);
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
    return order.region() + ":" + order.firstUnit() + "+" + claim(order);
  }

  private long claim(ScanOrder order) {
    long most = Math.min(order.endUnit() - order.firstUnit(), MAX_RUN);
    return regions.get(order.region()).sent().claimRun(order.firstUnit(), most);
  }

  private static long count(List<String> runs, long first, long end) {
    return runs.stream()
        .mapToLong(run -> Long.parseLong(run.substring(2, run.indexOf('+'))))
        .filter(page -> page >= first && page < end)
        .count();
  }
}
