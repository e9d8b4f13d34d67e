package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.Placement;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the order is worth, for guests of several kinds, in time of its own: the same every time.
 */
final class FewerFaultsTest {
  private static final int PAGES = 64 << 10;

  /** What two vCPUs work on, half each, in the middle of memory. */
  private static final int WORKING_SET = PAGES / 4;

  private static final int FIRST = PAGES / 2;

  /**
   * What a vCPU did between the last question to the dirty log and the pause: some milliseconds.
   */
  private static final int LAST_TOUCHES = 10_000;

  /** And what it did in each of the tenths of a second before. */
  private static final int TOUCHES_BEFORE = 500_000;

  private static final int TENTHS = 8;

  private static final PushOrder BUBBLING = new PushOrder(true, false, false);
  private static final PushOrder PREFETCH = new PushOrder(false, true, false);
  private static final PushOrder HOT_FIRST = new PushOrder(false, false, true);

  private final MemoryRegion ram =
      MemoryRegion.map(new SimulatedKernel(), 0, "ram", Backing.ANONYMOUS, PAGES * 4096L);
  private final long seed = ThreadLocalRandom.current().nextLong();
  private long took;

  /** A guest on its part of memory. */
  private interface Workload {
    MiniatureGuest.Program vcpu(int first, int pages, Random random);
  }

  @BeforeEach
  void printSeed() {
    System.out.println("FewerFaultsTest seed " + seed);
  }

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void aSequentialGuestFaultsAtMostOnceIn100Pages() throws Exception {
    for (boolean hybrid : new boolean[] {false, true}) {
      MiniatureGuest guest = migrate(FewerFaultsTest::sequential, hybrid, PushOrder.DEFAULT);
      assertThat(guest.pagesTouched()).isEqualTo(WORKING_SET);
      assertThat(guest.faults()).isLessThanOrEqualTo(guest.pagesTouched() / 100);
    }
  }

  @Test
  void aGuestThatWalksDownwardFaultsAsSeldom() throws Exception {
    for (boolean hybrid : new boolean[] {false, true}) {
      MiniatureGuest guest = migrate(FewerFaultsTest::downward, hybrid, PushOrder.DEFAULT);
      assertThat(guest.pagesTouched()).isEqualTo(WORKING_SET);
      assertThat(guest.faults()).isLessThanOrEqualTo(guest.pagesTouched() / 50);
    }
  }

  @Test
  void aSequentialGuestIsHelpedByEachOfBubblingAndPrefetch() throws Exception {
    long plain = migrate(FewerFaultsTest::sequential, false, PushOrder.PLAIN).blockedNanos();
    assertThat(migrate(FewerFaultsTest::sequential, false, BUBBLING).blockedNanos())
        .isLessThan(plain);
    assertThat(migrate(FewerFaultsTest::sequential, false, PREFETCH).blockedNanos())
        .isLessThan(plain / 2);
  }

  @Test
  void aZipfGuestBehindPrecopyHasAFifthOfTheFaults() throws Exception {
    MiniatureGuest off = migrate(FewerFaultsTest::zipf, true, BUBBLING);
    MiniatureGuest on = migrate(FewerFaultsTest::zipf, true, PushOrder.DEFAULT);
    assertThat(on.faults()).isLessThanOrEqualTo(off.faults() / 5);
    assertThat(on.blockedNanos()).isLessThan(off.blockedNanos());
  }

  @Test
  void hotPagesFirstIsLessWaitingThanMemoryAsItLies() throws Exception {
    MiniatureGuest off = migrate(FewerFaultsTest::slowZipf, true, PushOrder.PLAIN);
    MiniatureGuest on = migrate(FewerFaultsTest::slowZipf, true, HOT_FIRST);
    assertThat(on.faults()).isLessThan(off.faults());
    assertThat(on.blockedNanos()).isLessThan(off.blockedNanos());
  }

  @Test
  void bubblingDoesNotTakeFromHotPages() throws Exception {
    PushOrder both = new PushOrder(true, false, true);
    MiniatureGuest hot = migrate(FewerFaultsTest::slowZipf, true, HOT_FIRST);
    MiniatureGuest on = migrate(FewerFaultsTest::slowZipf, true, both);
    assertThat(on.faults()).isLessThan(hot.faults() + hot.faults() / 10);
  }

  @Test
  void noGuestFaultsOftenerAndNothingTakesLongerThanWithout() throws Exception {
    for (Workload workload :
        List.<Workload>of(
            FewerFaultsTest::sequential,
            FewerFaultsTest::zipf,
            FewerFaultsTest::uniform,
            FewerFaultsTest::slowZipf)) {
      for (boolean hybrid : new boolean[] {false, true}) {
        MiniatureGuest off = migrate(workload, hybrid, PushOrder.PLAIN);
        long before = took;
        MiniatureGuest on = migrate(workload, hybrid, PushOrder.DEFAULT);
        assertThat(on.faults()).isLessThan(off.faults());
        // Not the same: what is asked for page by page is not limited, nor charged to the limit.
        assertThat(took).isLessThan(before + before / 10);
      }
    }
  }

  private MiniatureGuest migrate(Workload workload, boolean hybrid, PushOrder order)
      throws Exception {
    Random random = new Random(seed);
    MiniatureGuest.Program[] vcpus = new MiniatureGuest.Program[2];
    int share = WORKING_SET / vcpus.length;
    for (int i = 0; i < vcpus.length; i++) {
      vcpus[i] = workload.vcpu(FIRST + i * share, share, random);
    }
    OutgoingRegions regions = new OutgoingRegions(List.of(ram), Placement.COPY);
    if (hybrid) {
      precopy(regions.get(0), vcpus);
    }
    regions.settle();
    MiniatureGuest guest = new MiniatureGuest(regions, order, hybrid, vcpus);
    took = guest.run();
    System.out.printf(
        "%s %s: %d faults, %d ms blocked, %d ms%n",
        hybrid ? "hybrid" : "postcopy",
        order,
        guest.faults(),
        guest.blockedNanos() / 1_000_000,
        took / 1_000_000);
    return guest;
  }

  /** All of the working set was written during the rounds, and some of it at their very end. */
  private static void precopy(OutgoingRegion region, MiniatureGuest.Program... vcpus) {
    region.lacking().clear(0, PAGES);
    region.lacking().set(FIRST, FIRST + WORKING_SET);
    for (int i = 0; i < TENTHS; i++) {
      region.collect(written(TOUCHES_BEFORE, vcpus));
    }
    region.collect(written(LAST_TOUCHES, vcpus));
  }

  private static GivenDirtyLog written(int touches, MiniatureGuest.Program... vcpus) {
    PageBitmap pages = new PageBitmap(PAGES);
    for (MiniatureGuest.Program vcpu : vcpus) {
      for (int i = 0; i < touches; i++) {
        pages.claim(vcpu.nextPage());
      }
    }
    return new GivenDirtyLog(pages);
  }

  private static MiniatureGuest.Program sequential(int first, int pages, Random random) {
    int[] at = {random.nextInt(pages)};
    return () -> first + (at[0]++ / 4) % pages;
  }

  private static MiniatureGuest.Program downward(int first, int pages, Random random) {
    int[] at = {random.nextInt(pages)};
    return () -> first + pages - 1 - (at[0]++ / 4) % pages;
  }

  private static MiniatureGuest.Program uniform(int first, int pages, Random random) {
    return () -> first + random.nextInt(pages);
  }

  private static MiniatureGuest.Program zipf(int first, int pages, Random random) {
    return () -> {
      long rank = (long) Math.pow(pages, random.nextDouble()) - 1;
      return first + (int) (rank * 5_063 % pages);
    };
  }

  /** Stays on a page for half a millisecond. */
  private static MiniatureGuest.Program slowZipf(int first, int pages, Random random) {
    MiniatureGuest.Program zipf = zipf(first, pages, random);
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
