package io.faultline.source.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PrefetcherTest {
  private static final int PAGES = 4096;
  private static final int HUGE = 512;

  private ScanRegion ram = new FakeScanRegion(PAGES);
  private ScanOrder order = new ScanOrder(List.of(ram), ScanSettings.DEFAULT);
  private final RecordingSink sink = new RecordingSink();
  private long charged;
  private Prefetcher prefetcher = prefetcher(true, false);

  @Test
  void expectedPagesFollowOneOfThem() {
    for (int page = 100; page < PAGES; page += 10) {
      ram.expected().set(page, page + 2);
    }
    request(4000);
    prefetcher.followUp();
    assertThat(sink.runs).startsWith("4001+1", "4010+2").contains("100+2").doesNotContain("4000+1");
    assertThat(sink.prefetched).isEqualTo(ExpectedPrefetch.MAX_UNITS);
  }

  @Test
  void aPageThatWasNotExpectedBringsNoExpectedPages() {
    ram.expected().set(100, 200);
    request(1000);
    prefetcher.followUp();
    assertThat(sink.prefetched).isZero();
  }

  @Test
  void sequentialWalkNeedsFewRequests() {
    int requests = 0;
    for (int page = 0; page < PAGES; page++) {
      if (!ram.sent().get(page)) {
        walk(page);
        requests++;
      }
    }
    assertThat(requests).isLessThan(PAGES / 100);
    assertThat(sink.prefetched).isEqualTo(PAGES - requests);
  }

  @Test
  void allRequestsAreAnsweredBeforeAnythingIsPrefetched() {
    walk(0, 1);
    sink.runs.clear();
    request(10);
    request(500);
    assertThat(sink.runs).isEmpty();
    assertThat(prefetcher.followUp()).isTrue();
    assertThat(sink.runs).startsWith("11+16");
  }

  /** Such a guest may request a page of another block at any time. */
  @Test
  void blocksOfAGuestThatIsEverywhereArePrefetchedPieceByPiece() {
    int[] blocks = {3, 0, 6, 1, 7, 4, 2, 5};
    for (int offset : new int[] {100, 351, 23, 477}) {
      for (int i = 0; i < blocks.length; i++) {
        request(blocks[(3 * i + offset) % blocks.length] * 512L + offset + 5L * i);
        assertThat(prefetchedByNextFollowUp()).isLessThanOrEqualTo(16);
      }
    }
    assertThat(prefetcher.hasMore()).isTrue();
    while (prefetcher.hasMore()) {
      assertThat(prefetchedByNextFollowUp()).isBetween(1L, 16L);
    }
  }

  private long prefetchedByNextFollowUp() {
    long before = sink.prefetched;
    boolean sent = prefetcher.followUp();
    assertThat(sent).isEqualTo(sink.prefetched > before);
    return sink.prefetched - before;
  }

  @Test
  void nothingIsPrefetchedWhileTheConnectionIsFull() {
    walk(0, 1);
    request(10);
    sink.writable = false;
    sink.runs.clear();
    assertThat(prefetcher.followUp()).isFalse();
    assertThat(sink.runs).isEmpty();
    sink.writable = true;
    assertThat(prefetcher.followUp()).as("not postponed").isFalse();
  }

  @Test
  void scatteredRequestsPrefetchNothing() {
    for (int block = PAGES / 512 - 1; block >= 0; block--) {
      walk(block * 512 + 3 * block);
    }
    assertThat(sink.prefetched).isZero();
  }

  @Test
  void secondRequestInABlockPrefetchesUpwardThenFromTheStartOfTheBlock() {
    walk(1000);
    assertThat(sink.runs).isEmpty();
    walk(600);
    assertThat(sink.runs).containsExactly("601+16");
    sink.runs.clear();
    walk(1020);
    assertThat(sink.runs).containsExactly("1021+3", "512+61");
  }

  @Test
  void stridedAccessIsPrefetchedPageByPage() {
    walk(400, 650);
    sink.runs.clear();
    walk(900);
    assertThat(sink.runs).startsWith("1150+1", "1400+1").hasSize(AccessStreams.FIRST_WINDOW);
  }

  @Test
  void downwardWalkIsPrefetchedInRunsDownToTheFirstPage() {
    walk(50, 49);
    sink.runs.clear();
    walk(48);
    assertThat(sink.runs).containsExactly("40+8");
    walk(39);
    assertThat(sink.runs).endsWith("23+16");
    walk(22);
    assertThat(sink.runs).endsWith("0+22");
  }

  @Test
  void afterPrecopyASingleRequestDoesNotRedirectTheBackgroundScan() {
    prefetcher = prefetcher(true, true);
    walk(700);
    assertThat(hint(0)).isEqualTo(AccessHints.NONE);
    walk(717);
    assertThat(AccessHints.isConfirmed(hint(0))).as("next after the prefetched pages").isTrue();
  }

  @Test
  void walkEndsAtTheLastPage() {
    walk(PAGES - 3, PAGES - 2);
    assertThat(sink.runs).endsWith((PAGES - 1) + "+1");
    walk(PAGES - 1);
    assertThat(sink.runs).endsWith((PAGES - 1) + "+1");
  }

  @Test
  void backgroundScanIsDirectedAheadOfTheGuest() {
    walk(700);
    assertThat(AccessHints.basePage(hint(0))).isEqualTo(700);
    assertThat(AccessHints.isConfirmed(hint(0))).isFalse();
    walk(701);
    assertThat(AccessHints.region(hint(0))).isZero();
    assertThat(AccessHints.basePage(hint(0))).isEqualTo(710 + 1024);
    assertThat(AccessHints.isConfirmed(hint(0))).isTrue();
    assertThat(hint(1)).isEqualTo(AccessHints.NONE);
  }

  @Test
  void prefetchedBytesAreCharged() {
    walk(0, 1);
    assertThat(charged).isEqualTo(8 * 4096);
  }

  @Test
  void withoutPrefetchTheBackgroundScanIsStillDirected() {
    prefetcher = prefetcher(false, true);
    walk(0, 1, 2);
    assertThat(sink.runs).isEmpty();
    assertThat(AccessHints.isConfirmed(hint(0))).isTrue();
  }

  @Test
  void hugePagesAreNotPrefetched() {
    for (FakeScanRegion huge :
        List.of(new FakeScanRegion(PAGES, HUGE, 1), new FakeScanRegion(PAGES, 1, HUGE))) {
      ram = huge;
      order = new ScanOrder(List.of(ram), ScanSettings.DEFAULT);
      prefetcher = prefetcher(true, true);
      walk(0, 512, 1024, 1600);
      assertThat(sink.runs).as("units of %s pages", huge.unitPages()).isEmpty();
      assertThat(AccessHints.isConfirmed(hint(0))).as("units of %s", huge.unitPages()).isTrue();
      assertThat(AccessHints.basePage(hint(0))).isEqualTo(2048);
    }
  }

  @Test
  void withoutBlocksOnlyWalksArePrefetched() {
    prefetcher =
        new Prefetcher(List.of(ram), order, sink, bytes -> charged += bytes, false, true, false);
    walk(100, 137, 161, 199, 2000, 117);
    assertThat(sink.prefetched).isZero();
    walk(3000, 3001);
    assertThat(sink.prefetched).isPositive();
  }

  private Prefetcher prefetcher(boolean prefetch, boolean allWritten) {
    return new Prefetcher(
        List.of(ram), order, sink, bytes -> charged += bytes, allWritten, prefetch, true);
  }

  private long hint(int stream) {
    return order.hints().get(stream);
  }

  /** Requests one page after another, with prefetch after each. */
  private void walk(long... pages) {
    for (long page : pages) {
      request(page);
      do {
        var _ = prefetcher.followUp();
      } while (prefetcher.hasMore());
    }
  }

  /** Sends the page of the backing that holds a base page, as the source does on request. */
  private void request(long basePage) {
    long pages = (long) ram.unitPages() * ram.unitsPerPage();
    long first = basePage / pages * ram.unitsPerPage();
    ram.sent().set(first, first + ram.unitsPerPage());
    prefetcher.requested(0, basePage);
  }

  /** Claims and records the runs. */
  private final class RecordingSink implements Prefetcher.Sink {
    private final List<String> runs = new ArrayList<>();
    private boolean writable = true;
    private long prefetched;

    @Override
    public boolean isWritable() {
      return writable;
    }

    @Override
    public long prefetch(int region, long firstUnit, long most) {
      long claimed = ram.sent().claimRun(firstUnit, most);
      if (claimed > 0) {
        runs.add(firstUnit + "+" + claimed);
      }
      prefetched += claimed;
      return claimed;
    }
  }
}
