package io.faultline.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Operations that change or count many bits. */
final class PageBitmapBulkTest {
  private final long seed = Long.getLong("faultline.seed", System.nanoTime());

  @Test
  void bulkOperationsAgreeWithABitSet() {
    Random random = new Random(seed);
    for (int round = 0; round < 60; round++) {
      int pages = 1 + random.nextInt(400);
      PageBitmap bitmap = new PageBitmap(pages);
      PageBitmap other = new PageBitmap(pages);
      BitSet model = new BitSet(pages);
      BitSet otherModel = new BitSet(pages);
      for (int step = 0; step < 300; step++) {
        String at = "seed " + seed + ", round " + round + ", step " + step;
        int first = random.nextInt(pages + 1);
        int end = first + random.nextInt(pages + 1 - first);
        operate(random.nextInt(10), first, end, bitmap, other, model, otherModel, at);
        assertSame(bitmap, model, at);
        assertSame(other, otherModel, at);
      }
    }
  }

  private static void operate(
      int which,
      int first,
      int end,
      PageBitmap bitmap,
      PageBitmap other,
      BitSet model,
      BitSet otherModel,
      String at) {
    switch (which) {
      case 0 -> {
        bitmap.set(first, end);
        model.set(first, end);
      }
      case 1 -> {
        bitmap.clear(first, end);
        model.clear(first, end);
      }
      case 2 -> {
        other.set(first, end);
        otherModel.set(first, end);
      }
      case 3 -> {
        bitmap.or(other);
        model.or(otherModel);
      }
      case 4 -> {
        assertThat(bitmap.takeInto(other)).as(at).isEqualTo(model.cardinality());
        otherModel.or(model);
        model.clear();
      }
      case 5 ->
          assertThat(bitmap.count(first, end))
              .as(at)
              .isEqualTo(model.get(first, end).cardinality());
      case 6 ->
          assertThat(bitmap.nextClear(first, end))
              .as(at)
              .isEqualTo(Math.min(end, model.nextClearBit(first)));
      case 7 -> {
        int set = model.nextSetBit(first);
        assertThat(bitmap.nextSet(first, end)).as(at).isEqualTo(set < 0 ? end : Math.min(end, set));
      }
      case 8 -> {
        bitmap.clear(other);
        model.andNot(otherModel);
      }
      default ->
          assertThat(bitmap.isFull(first, end))
              .as(at)
              .isEqualTo(model.get(first, end).cardinality() == end - first);
    }
  }

  private static void assertSame(PageBitmap bitmap, BitSet model, String at) {
    assertThat(bitmap.count()).as(at).isEqualTo(model.cardinality());
    for (int page = 0; page < bitmap.pageCount(); page++) {
      assertThat(bitmap.get(page)).as("%s, page %d", at, page).isEqualTo(model.get(page));
    }
  }

  @Test
  void setAllSetsNoBitAfterTheLastPage() {
    for (int pages : new int[] {0, 1, 63, 64, 65, 1000}) {
      PageBitmap bitmap = new PageBitmap(pages);
      bitmap.setAll();
      assertThat(bitmap.count()).isEqualTo(pages);
      assertThat(bitmap.isFull(0, pages)).isTrue();
      assertThat(bitmap.nextClear(0)).isEqualTo(pages);
      PageBitmap taken = new PageBitmap(pages);
      assertThat(bitmap.takeInto(taken)).isEqualTo(pages);
      assertThat(bitmap.count()).isZero();
      assertThat(taken.count(0, pages)).isEqualTo(pages);
    }
  }

  /**
   * Checks page after page in a TiB of equal pages. If each check scanned to the end, this would
   * take hours.
   */
  @Test
  @Timeout(120)
  void scanOfARangeStopsAtItsEnd() {
    long pages = 1L << 28;
    PageBitmap full = new PageBitmap(pages);
    full.setAll();
    PageBitmap empty = new PageBitmap(pages);
    for (long page = 0; page < 1_000_000; page++) {
      assertThat(full.isFull(page, page + 1)).isTrue();
      assertThat(full.nextClear(page, page + 16)).isEqualTo(page + 16);
      assertThat(empty.nextSet(page, page + 16)).isEqualTo(page + 16);
    }
  }

  /** A claim succeeds once for each time that the bit is taken, unless a bit is lost or doubled. */
  @Test
  void concurrentlyClaimedBitsAreTakenExactlyOnce() throws Exception {
    int pages = 1000;
    PageBitmap bitmap = new PageBitmap(pages);
    long claimed = 0;
    long taken = 0;
    try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
      List<Future<Long>> claims = new ArrayList<>();
      List<Future<Long>> takes = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        long threadSeed = seed + t;
        claims.add(executor.submit(() -> claimAtRandom(bitmap, new Random(threadSeed))));
        takes.add(executor.submit(() -> takeOften(bitmap)));
      }
      for (Future<Long> claim : claims) {
        claimed += claim.get();
      }
      for (Future<Long> take : takes) {
        taken += take.get();
      }
    }
    PageBitmap rest = new PageBitmap(pages);
    taken += bitmap.takeInto(rest);
    assertThat(taken).as("seed " + seed).isEqualTo(claimed);
    assertThat(bitmap.count()).isZero();
    assertThat(bitmap.nextSet(0)).isEqualTo(pages);
  }

  private static long claimAtRandom(PageBitmap bitmap, Random random) {
    long claimed = 0;
    for (int i = 0; i < 200_000; i++) {
      claimed += bitmap.claim(random.nextLong(bitmap.pageCount())) ? 1 : 0;
    }
    return claimed;
  }

  private static long takeOften(PageBitmap bitmap) {
    long taken = 0;
    PageBitmap into = new PageBitmap(bitmap.pageCount());
    for (int i = 0; i < 5_000; i++) {
      taken += bitmap.takeInto(into);
      into.clear(0, into.pageCount());
    }
    return taken;
  }

  /** Two threads set and clear adjacent ranges that share a word: neither may undo the other's. */
  @Test
  void rangesThatShareAWordDoNotDisturbEachOther() throws Exception {
    PageBitmap bitmap = new PageBitmap(256);
    try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
      Future<Long> low = executor.submit(() -> flip(bitmap, 3, 100));
      Future<Long> high = executor.submit(() -> flip(bitmap, 100, 250));
      assertThat(low.get() + high.get())
          .as("bits that differ from what their only writer wrote")
          .isZero();
    }
    assertThat(bitmap.count()).isZero();
  }

  private static long flip(PageBitmap bitmap, long first, long end) {
    long wrong = 0;
    for (int i = 0; i < 50_000; i++) {
      bitmap.set(first, end);
      wrong += bitmap.isFull(first, end) ? 0 : 1;
      bitmap.clear(first, end);
      wrong += bitmap.count(first, end);
    }
    return wrong;
  }

  @Test
  void rangeOutsideAndBitmapOfAnotherLengthAreRefused() {
    PageBitmap bitmap = new PageBitmap(100);
    for (long[] range : new long[][] {{-1, 5}, {6, 5}, {90, 101}}) {
      assertThatThrownBy(() -> bitmap.set(range[0], range[1]))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("of 100");
      assertThatThrownBy(() -> bitmap.clear(range[0], range[1]))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> bitmap.count(range[0], range[1]))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> bitmap.isFull(range[0], range[1]))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThatThrownBy(() -> bitmap.or(new PageBitmap(99)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not one of 99");
    assertThatThrownBy(() -> bitmap.takeInto(new PageBitmap(101)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> bitmap.takeInto(bitmap)).isInstanceOf(IllegalArgumentException.class);
    assertThat(bitmap.count()).isZero();
  }
}
