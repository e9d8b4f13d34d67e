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
    removeOldest(ring, 4);
    add(ring, 0, 4);
    for (int slot = 4; slot < 8; slot++) {
      ring.clear(slot);
    }
    assertThat(ring.takeFrames(4, 4)).isEqualTo(4);
  }

  @Test
  void runsThatContinueEachOtherAreClaimedTogether() {
    StagingRing ring = new StagingRing(16);
    add(ring, 0, 3);
    add(ring, 3, 2);
    add(ring, 5, 4);
    add(ring, 20, 1);
    StagingRing.Batch batch = claim(ring, 8);
    assertThat(batch.runs()).isEqualTo(2);
    assertThat(batch.run()).isEqualTo(Run.of(2, 0, 5));
    assertThat(claim(ring, 8).run()).isEqualTo(Run.of(2, 5, 4));
    assertThat(claim(ring, 8).run()).isEqualTo(Run.of(2, 20, 1));
    assertThat(ring.hasUnclaimed()).isFalse();
    assertThat(ring.claim(ring.newBatch(), 8)).isFalse();
  }

  @Test
  void slotsAreFreedInOrderWhateverIsReleasedFirst() {
    StagingRing ring = new StagingRing(8);
    add(ring, 0, 3);
    add(ring, 10, 3);
    StagingRing.Batch older = claim(ring, 1);
    StagingRing.Batch newer = claim(ring, 1);
    ring.release(newer);
    assertThat(ring.available(8)).isEqualTo(2);
    assertThat(ring.isEmpty()).isFalse();
    ring.release(older);
    assertThat(ring.isEmpty()).isTrue();
    assertThat(newer.isEmpty()).isTrue();
  }

  @Test
  void newerWriteOfAPageWaitsForAnOlderOneAndNeverTheOtherWayRound() {
    StagingRing ring = new StagingRing(8);
    add(ring, 0, 3);
    add(ring, 2, 2); // page 2 was rescued, and has left again
    StagingRing.Batch older = claim(ring, 1);
    StagingRing.Batch newer = claim(ring, 1);
    assertThat(ring.mustWait(newer)).isTrue();
    assertThat(ring.mustWait(older)).isFalse();
    assertThat(ring.isBeingWritten(2, 0, 1)).isTrue();
    assertThat(ring.isBeingWritten(2, 4, 1)).isFalse();
    assertThat(ring.isBeingWritten(3, 0, 1)).isFalse();
    older.setInFlight(false); // its store has failed
    assertThat(ring.mustWait(newer)).isFalse();
    older.setInFlight(true);
    ring.release(older);
    assertThat(ring.mustWait(newer)).isFalse();
    assertThat(ring.isBeingWritten(2, 2, 1)).isTrue();
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
        for (int s = run[0]; s < run[0] + run[1]; s++) {
          used[s] = false;
        }
        assertThat(removeOldest(ring, run[1])).as("seed %d", seed).isEqualTo(run[0]);
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

  /** Returns its first slot. */
  private static int removeOldest(StagingRing ring, int count) {
    StagingRing.Batch batch = claim(ring, 1);
    assertThat(Run.count(batch.run())).isEqualTo(count);
    for (int slot = batch.slot(); slot < batch.slot() + count; slot++) {
      ring.clear(slot);
    }
    ring.release(batch);
    return batch.slot();
  }

  private static StagingRing.Batch claim(StagingRing ring, int mostPages) {
    StagingRing.Batch batch = ring.newBatch();
    assertThat(ring.claim(batch, mostPages)).isTrue();
    return batch;
  }
}
