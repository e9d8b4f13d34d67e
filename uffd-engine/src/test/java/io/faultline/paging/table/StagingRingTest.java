package io.faultline.paging.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StagingRingTest {
  @Test
  void slotsAreConsecutiveAndReusedInOrder() {
    StagingRing ring = new StagingRing(8);
    assertThat(add(ring, 0, 5)).isEqualTo(5);
    assertThat(ring.available(5)).isEqualTo(3);
    assertThat(add(ring, 10, 3)).isEqualTo(3);
    assertThat(ring.available(1)).isZero();
    assertThat(ring.find(2, 4)).isEqualTo(4);
    assertThat(ring.find(2, 12)).isEqualTo(7);
    assertThat(ring.find(3, 12)).isEqualTo(-1);
    removeOldest(ring, 5);
    assertThat(ring.find(2, 4)).isEqualTo(-1);
    assertThat(ring.available(8)).isEqualTo(5);
    assertThat(add(ring, 20, 4)).isEqualTo(4);
    assertThat(ring.find(2, 20)).isZero();
  }

  @Test
  void runIsNotSplitAtTheEndIfMoreFitsAtTheStart() {
    StagingRing ring = new StagingRing(10);
    add(ring, 0, 6);
    add(ring, 10, 3);
    removeOldest(ring, 6);
    assertThat(ring.available(4)).isEqualTo(4); // skips the one slot at the end
    assertThat(ring.nextSlot()).isZero();
    add(ring, 20, 4);
    removeOldest(ring, 3);
    removeOldest(ring, 4);
    assertThat(ring.isEmpty()).isTrue();
    assertThat(ring.available(10)).isGreaterThanOrEqualTo(5);
  }

  @Test
  void holesHaveNoFrame() {
    StagingRing ring = new StagingRing(8);
    add(ring, 0, 4);
    ring.clearHole(1);
    for (int slot : new int[] {0, 2, 3}) {
      ring.clear(slot);
    }
    assertThat(ring.takeFrames(0, 4)).isEqualTo(3);
    ring.remove();
    add(ring, 0, 4);
    for (int slot = 4; slot < 8; slot++) {
      ring.clear(slot);
    }
    assertThat(ring.takeFrames(4, 4)).isEqualTo(4);
  }

  @Test
  void randomRunsNeverOverlap() {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    Random random = new Random(seed);
    StagingRing ring = new StagingRing(1 + random.nextInt(40));
    boolean[] used = new boolean[ring.slots()];
    Deque<int[]> runs = new ArrayDeque<>();
    for (int i = 0; i < 20_000; i++) {
      int count = ring.available(1 + random.nextInt(12));
      if (count > 0 && random.nextInt(3) > 0) {
        int slot = ring.nextSlot();
        for (int s = slot; s < slot + count; s++) {
          assertThat(used[s]).as("seed %d, slot %d", seed, s).isFalse();
          used[s] = true;
        }
        addAvailable(ring, i, count);
        runs.add(new int[] {slot, count});
      } else if (!runs.isEmpty()) {
        int[] run = runs.remove();
        assertThat(ring.slotOfOldest()).as("seed %d", seed).isEqualTo(run[0]);
        for (int s = run[0]; s < run[0] + run[1]; s++) {
          used[s] = false;
        }
        removeOldest(ring, run[1]);
      } else {
        assertThat(count).as("seed %d: an empty ring has room", seed).isPositive();
      }
    }
  }

  private static int add(StagingRing ring, long first, int wanted) {
    return addAvailable(ring, first, ring.available(wanted));
  }

  private static int addAvailable(StagingRing ring, long first, int count) {
    for (int i = 0; i < count; i++) {
      ring.name(ring.nextSlot() + i, 2, first + i);
    }
    ring.add(Run.of(2, first, count));
    return count;
  }

  private static void removeOldest(StagingRing ring, int count) {
    for (int slot = ring.slotOfOldest(); slot < ring.slotOfOldest() + count; slot++) {
      ring.clear(slot);
    }
    ring.remove();
  }
}
