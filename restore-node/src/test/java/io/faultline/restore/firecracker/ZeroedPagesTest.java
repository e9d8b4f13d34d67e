package io.faultline.restore.firecracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ZeroedPagesTest {
  private static final int PAGES = 300;

  @Test
  void isASetOfPages() {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    try (Arena arena = Arena.ofConfined()) {
      ZeroedPages pages =
          new ZeroedPages(arena.allocate(ZeroedPages.bytes(PAGES), Long.BYTES), PAGES);
      BitSet model = new BitSet();
      for (int i = 0; i < 300; i++) {
        int first = random.nextInt(PAGES + 1);
        int end = Math.min(PAGES, first + random.nextInt(random.nextInt(8) == 0 ? 150 : 4));
        if (random.nextInt(4) == 0) {
          pages.add(first, end);
          model.set(first, end);
        }
        int set = model.nextSetBit(first);
        assertThat(pages.nextIn(first, end)).isEqualTo(set < 0 || set > end ? end : set);
        assertThat(pages.nextNotIn(first, end)).isEqualTo(Math.min(end, model.nextClearBit(first)));
        assertThat(pages.containsAll(first, end)).isEqualTo(model.nextClearBit(first) >= end);
      }
    }
  }
}
