package io.faultline.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PageBitmapTest {
  private final long seed = Long.getLong("faultline.seed", System.nanoTime());

  @Test
  void agreesWithABitSetOnRandomOperations() {
    Random random = new Random(seed);
    for (int round = 0; round < 40; round++) {
      int pages = 1 + random.nextInt(300);
      PageBitmap bitmap = new PageBitmap(pages);
      BitSet model = new BitSet(pages);
      for (int step = 0; step < 500; step++) {
        String at = "seed " + seed + ", round " + round + ", step " + step;
        operate(random, bitmap, model, pages, at);
      }
    }
  }

  private static void operate(
      Random random, PageBitmap bitmap, BitSet model, int pages, String at) {
    int page = random.nextInt(pages);
    switch (random.nextInt(5)) {
      case 0 -> {
        assertThat(bitmap.claim(page)).as(at).isEqualTo(!model.get(page));
        model.set(page);
      }
      case 1 -> {
        assertThat(bitmap.clear(page)).as(at).isEqualTo(model.get(page));
        model.clear(page);
      }
      case 2 -> {
        int wanted = 1 + random.nextInt(150);
        int end = Math.min(Math.min(pages, page + wanted), setOrEnd(model, page, pages));
        assertThat(bitmap.claimRun(page, wanted)).as(at).isEqualTo(Math.max(0, end - page));
        model.set(page, Math.max(page, end));
      }
      case 3 -> assertThat(bitmap.nextSet(page)).as(at).isEqualTo(setOrEnd(model, page, pages));
      default ->
          assertThat(bitmap.nextClear(page))
              .as(at)
              .isEqualTo(Math.min(pages, model.nextClearBit(page)));
    }
    assertThat(bitmap.get(page)).as(at).isEqualTo(model.get(page));
    assertThat(bitmap.count()).as(at).isEqualTo(model.cardinality());
  }

  private static int setOrEnd(BitSet model, int page, int pages) {
    int next = model.nextSetBit(page);
    return next < 0 ? pages : next;
  }

  @Test
  void exactlyOneOfAllClaimsOfAPageSucceeds() throws Exception {
    int pages = 20_000;
    int threads = 4;
    PageBitmap bitmap = new PageBitmap(pages);
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<Long>> claims = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        long threadSeed = seed + t;
        claims.add(executor.submit(() -> claimAll(bitmap, new Random(threadSeed))));
      }
      long sum = 0;
      for (Future<Long> claim : claims) {
        sum += claim.get();
      }
      assertThat(sum).as("seed " + seed).isEqualTo(pages);
    }
    assertThat(bitmap.count()).isEqualTo(pages);
    assertThat(bitmap.nextClear(0)).isEqualTo(pages);
  }

  private static long claimAll(PageBitmap bitmap, Random random) {
    long claimed = 0;
    for (int i = 0; i < 3000; i++) {
      long page = random.nextLong(bitmap.pageCount());
      claimed += random.nextBoolean() ? bitmap.claimRun(page, 100) : bitmap.claim(page) ? 1 : 0;
    }
    for (long page = 0; page < bitmap.pageCount(); page++) {
      claimed += bitmap.claim(page) ? 1 : 0;
    }
    return claimed;
  }

  @Test
  void claimedRunCrossesWordsAndStopsAtTheFirstClaimedPage() {
    PageBitmap bitmap = new PageBitmap(300);
    assertThat(bitmap.claim(200)).isTrue();

    assertThat(bitmap.claimRun(10, 1000)).isEqualTo(190);
    assertThat(bitmap.nextClear(10)).isEqualTo(201);
    assertThat(bitmap.claimRun(100, 5)).isZero();
    assertThat(bitmap.claimRun(201, 1000)).isEqualTo(99);
    assertThat(bitmap.nextClear(10)).isEqualTo(300);
  }

  @Test
  void bitsSurviveSerialisation() {
    Random random = new Random(seed);
    for (int pages : new int[] {0, 1, 63, 64, 65, 1000}) {
      PageBitmap bitmap = new PageBitmap(pages);
      for (int i = 0; i < pages / 2; i++) {
        bitmap.claim(random.nextInt(pages));
      }
      ByteBuffer bytes = ByteBuffer.allocate(bitmap.serializedBytes());
      bitmap.write(bytes);
      PageBitmap copy = PageBitmap.read(pages, bytes.flip());
      assertThat(copy.count()).isEqualTo(bitmap.count());
      for (int page = 0; page < pages; page++) {
        assertThat(copy.get(page)).as("seed %d, page %d", seed, page).isEqualTo(bitmap.get(page));
      }
    }
  }

  @Test
  void pageZeroIsTheLowestBitOfTheFirstByte() {
    PageBitmap bitmap = new PageBitmap(64);
    bitmap.claim(0);
    bitmap.claim(9);
    ByteBuffer bytes = ByteBuffer.allocate(8);
    bitmap.write(bytes);
    assertThat(bytes.array()).startsWith(1, 2, 0);
  }

  @Test
  void readingKeepsTheByteOrderOfTheBuffer() {
    ByteBuffer bytes = ByteBuffer.allocate(16);
    PageBitmap.read(128, bytes);
    assertThat(bytes.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
    assertThat(bytes.remaining()).isZero();
  }

  @Test
  void serialisedBitmapOfAnotherLengthIsRefused() {
    assertThatThrownBy(() -> PageBitmap.read(64, ByteBuffer.allocate(16)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16 bytes");
    assertThatThrownBy(() -> PageBitmap.read(65, ByteBuffer.allocate(8)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void bitAfterTheLastPageIsRefused() {
    ByteBuffer bytes = ByteBuffer.allocate(8).put(0, (byte) 0x20);
    assertThatThrownBy(() -> PageBitmap.read(5, bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("after the last of 5 pages");
  }

  @Test
  void pageOutsideTheBitmapIsRefused() {
    PageBitmap bitmap = new PageBitmap(10);
    assertThatThrownBy(() -> bitmap.get(10)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> bitmap.claim(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new PageBitmap(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(bitmap.nextClear(10)).isEqualTo(10);
    assertThat(bitmap.nextSet(0)).isEqualTo(10);
    assertThatThrownBy(() -> bitmap.nextSet(0, 11)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> bitmap.nextClear(6, 5)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
