package io.faultline.uffd.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class WrittenStretchesTest {
  private static final int PAGE_SHIFT = 12;
  private static final int PAGES = 512;
  private static final int STRETCHES = 130;

  /** A file of which some pages have data. */
  private static final class SparseFile implements WrittenStretches.Holes {
    private final BitSet data = new BitSet();
    private int calls;

    @Override
    public long nextData(long offset) {
      calls++;
      int page = data.nextSetBit((int) (offset >> PAGE_SHIFT));
      return page < 0 ? bytes() : (long) page << PAGE_SHIFT;
    }

    @Override
    public long nextHole(long offset) {
      calls++;
      return (long) data.nextClearBit((int) (offset >> PAGE_SHIFT)) << PAGE_SHIFT;
    }

    long bytes() {
      return (long) STRETCHES << WrittenStretches.SHIFT;
    }
  }

  @Test
  void stretchWithAHoleIsNotWritten() {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("WrittenStretchesTest -Dfaultline.seed=" + seed);
    Random random = new Random(seed);
    SparseFile file = new SparseFile();
    file.data.set(0, STRETCHES * PAGES);
    BitSet holes = new BitSet();
    for (int stretch : new int[] {0, 1, 63, 64, STRETCHES - 1, random.nextInt(STRETCHES)}) {
      holes.set(stretch);
      file.data.clear(stretch * PAGES + random.nextInt(PAGES));
    }
    WrittenStretches written = WrittenStretches.of(file, file.bytes());
    for (int stretch = 0; stretch < STRETCHES; stretch++) {
      long offset = (long) stretch << WrittenStretches.SHIFT;
      long last = offset + ((PAGES - 1L) << PAGE_SHIFT);
      assertThat(written.contain(offset)).as("stretch %d", stretch).isEqualTo(!holes.get(stretch));
      assertThat(written.contain(last)).as("stretch %d", stretch).isEqualTo(!holes.get(stretch));
    }
  }

  @Test
  void emptyFileIsNotWritten() {
    SparseFile file = new SparseFile();
    assertThat(WrittenStretches.of(file, file.bytes()).contain(0)).isFalse();
    assertThat(file.calls).isEqualTo(1);
  }

  @Test
  void fileWithVeryManyHolesIsNotReadToItsEnd() {
    SparseFile file = new SparseFile();
    for (int page = 0; page < STRETCHES * PAGES; page += 2) {
      file.data.set(page);
    }
    file.data.set((STRETCHES - 1) * PAGES, STRETCHES * PAGES);
    WrittenStretches written = WrittenStretches.of(file, file.bytes());
    assertThat(written.contain((STRETCHES - 1L) << WrittenStretches.SHIFT)).isFalse();
    assertThat(file.calls).isLessThanOrEqualTo(2 * WrittenStretches.MAX_HOLES + 1);
  }
}
