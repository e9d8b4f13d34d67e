package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.Placement;
import io.faultline.source.scan.ScanSettings;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The effect of the scan order and of prefetch on several kinds of guests, in simulated time: the
 * same result for the same seed.
 */
final class PrefetchOrderTest {
  private static final int PAGES = 64 << 10;

  /** Two vCPUs work on half of it each, in the middle of memory. */
  private static final int WORKING_SET = PAGES / 4;

  private static final int FIRST = PAGES / 2;

  /**
   * What a vCPU touches between the last sample of the dirty log and the pause: some milliseconds.
   */
  private static final int LAST_TOUCHES = 10_000;

  /** What it touches in each tenth of a second before. */
  private static final int TOUCHES_BEFORE = 500_000;

  private static final int TENTHS = 8;

  private static final ScanSettings BUBBLING = new ScanSettings(true, false, false);
  private static final ScanSettings PREFETCH = new ScanSettings(false, true, false);
  private static final ScanSettings HOT_FIRST = new ScanSettings(false, false, true);

  private final MemoryRegion ram =
      MemoryRegion.map(new SimulatedKernel(), 0, "ram", Backing.ANONYMOUS, PAGES * 4096L);
  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private long took;

  /** Creates the program of a vCPU, for its part of memory. */
  private interface Workload {
    SimulatedGuest.Program vcpu(int first, int pages, Random random);
  }

  @BeforeEach
  void printSeed() {
    System.out.println("PrefetchOrderTest seed " + seed);
  }

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void sequentialGuestFaultsAtMostOncePer100Pages() throws Exception {
    for (boolean hybrid : new boolean[] {false, true}) {
      SimulatedGuest guest = migrate(PrefetchOrderTest::sequential, hybrid, ScanSettings.DEFAULT);
      assertThat(guest.pagesTouched()).isEqualTo(WORKING_SET);
      assertThat(guest.faults()).isLessThanOrEqualTo(guest.pagesTouched() / 100);
    }
  }

  @Test
  void downwardGuestFaultsAtMostOncePer50Pages() throws Exception {
    for (boolean hybrid : new boolean[] {false, true}) {
      SimulatedGuest guest = migrate(PrefetchOrderTest::downward, hybrid, ScanSettings.DEFAULT);
      assertThat(guest.pagesTouched()).isEqualTo(WORKING_SET);
      assertThat(guest.faults()).isLessThanOrEqualTo(guest.pagesTouched() / 50);
    }
  }

  @Test
  void bubblingAndPrefetchEachHelpASequentialGuest() throws Exception {
    long plain = migrate(PrefetchOrderTest::sequential, false, ScanSettings.PLAIN).blockedNanos();
    assertThat(migrate(PrefetchOrderTest::sequential, false, BUBBLING).blockedNanos())
        .isLessThan(plain);
    assertThat(migrate(PrefetchOrderTest::sequential, false, PREFETCH).blockedNanos())
        .isLessThan(plain / 2);
  }

  @Test
  void zipfGuestAfterPrecopyHasAtMostAFifthOfTheFaults() throws Exception {
    SimulatedGuest off = migrate(PrefetchOrderTest::zipf, true, BUBBLING);
    SimulatedGuest on = migrate(PrefetchOrderTest::zipf, true, ScanSettings.DEFAULT);
    assertThat(on.faults()).isLessThanOrEqualTo(off.faults() / 5);
    assertThat(on.blockedNanos()).isLessThan(off.blockedNanos());
  }

  @Test
  void sendingHotPagesFirstReducesFaults() throws Exception {
    SimulatedGuest off = migrate(PrefetchOrderTest::slowZipf, true, ScanSettings.PLAIN);
    SimulatedGuest on = migrate(PrefetchOrderTest::slowZipf, true, HOT_FIRST);
    assertThat(on.faults()).isLessThan(off.faults());
    assertThat(on.blockedNanos()).isLessThan(off.blockedNanos());
  }

  @Test
  void bubblingDoesNotDelayHotPages() throws Exception {
    ScanSettings both = new ScanSettings(true, false, true);
    SimulatedGuest hot = migrate(PrefetchOrderTest::slowZipf, true, HOT_FIRST);
    SimulatedGuest on = migrate(PrefetchOrderTest::slowZipf, true, both);
    assertThat(on.faults()).isLessThan(hot.faults() + hot.faults() / 10);
  }

  @Test
  void defaultOrderNeverCausesMoreFaultsOrALongerMigration() throws Exception {
    for (Workload workload :
        List.<Workload>of(
            PrefetchOrderTest::sequential,
            PrefetchOrderTest::zipf,
            PrefetchOrderTest::uniform,
            PrefetchOrderTest::slowZipf)) {
      for (boolean hybrid : new boolean[] {false, true}) {
        SimulatedGuest off = migrate(workload, hybrid, ScanSettings.PLAIN);
        long before = took;
        SimulatedGuest on = migrate(workload, hybrid, ScanSettings.DEFAULT);
        assertThat(on.faults()).isLessThan(off.faults());
        // Not equal: requested pages are neither limited nor charged to the limit.
        assertThat(took).isLessThan(before + before / 10);
      }
    }
  }

  private SimulatedGuest migrate(Workload workload, boolean hybrid, ScanSettings settings)
      throws Exception {
    Random random = new Random(seed);
    SimulatedGuest.Program[] vcpus = new SimulatedGuest.Program[2];
    int share = WORKING_SET / vcpus.length;
    for (int i = 0; i < vcpus.length; i++) {
      vcpus[i] = workload.vcpu(FIRST + i * share, share, random);
    }
    OutgoingRegions regions = new OutgoingRegions(List.of(ram), Placement.COPY);
    if (hybrid) {
      precopy(regions.get(0), vcpus);
    }
    regions.markStale();
    SimulatedGuest guest = new SimulatedGuest(regions, settings, hybrid, vcpus);
    took = guest.run();
    System.out.printf(
        "%s %s: %d faults, %d ms blocked, %d ms%n",
        hybrid ? "hybrid" : "postcopy",
        settings,
        guest.faults(),
        guest.blockedNanos() / 1_000_000,
        took / 1_000_000);
    return guest;
  }

  /** The working set is written during the rounds, and part of it at their very end. */
  private static void precopy(OutgoingRegion region, SimulatedGuest.Program... vcpus) {
    region.dirty().clear(0, PAGES);
    region.dirty().set(FIRST, FIRST + WORKING_SET);
    for (int i = 0; i < TENTHS; i++) {
      region.collect(written(TOUCHES_BEFORE, vcpus));
    }
    region.collect(written(LAST_TOUCHES, vcpus));
  }

  private static OneShotDirtyLog written(int touches, SimulatedGuest.Program... vcpus) {
    PageBitmap pages = new PageBitmap(PAGES);
    for (SimulatedGuest.Program vcpu : vcpus) {
      for (int i = 0; i < touches; i++) {
        pages.claim(vcpu.nextPage());
      }
    }
    return new OneShotDirtyLog(pages);
  }

  private static SimulatedGuest.Program sequential(int first, int pages, Random random) {
    int[] at = {random.nextInt(pages)};
    return () -> first + (at[0]++ / 4) % pages;
  }

  private static SimulatedGuest.Program downward(int first, int pages, Random random) {
    int[] at = {random.nextInt(pages)};
    return () -> first + pages - 1 - (at[0]++ / 4) % pages;
  }

  private static SimulatedGuest.Program uniform(int first, int pages, Random random) {
    return () -> first + random.nextInt(pages);
  }

  private static SimulatedGuest.Program zipf(int first, int pages, Random random) {
    return () -> {
      long rank = (long) Math.pow(pages, random.nextDouble()) - 1;
      return first + (int) (rank * 5_063 % pages);
    };
  }

  /** Stays on each page for half a millisecond. */
  private static SimulatedGuest.Program slowZipf(int first, int pages, Random random) {
    SimulatedGuest.Program zipf = zipf(first, pages, random);
    long[] touches = {0};
    int[] page = {first};
    return () -> {
      if (touches[0]++ % 2_500 == 0) {
        page[0] = zipf.nextPage();
      }
      return page[0];
    };
  }
}
