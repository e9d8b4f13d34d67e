package io.faultline.restore.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.simulated.process.ForeignMachine;
import io.faultline.uffd.simulated.process.ForeignOptions;
import io.faultline.uffd.simulated.process.RestoredProcess;
import io.faultline.uffd.simulated.process.RestoredProcess.LazyRange;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Simulated processes that change their memory while it arrives. The seed decides what they do, and
 * every interleaving with the session; {@code -Dfaultline.seed=N} replays one.
 */
class ForeignProcessTest {
  private static final int ROUNDS = 60;
  private static final int MOST_TURNS = 2_000_000;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());

  @Test
  void everyLoadSeesWhatItMust() {
    for (int round = 0; round < ROUNDS; round++) {
      play(seed + round);
    }
  }

  private static void play(long seed) {
    Random random = new Random(seed);
    long[] millis = {0};
    try (Arena arena = Arena.ofConfined();
        ForeignMachine machine = new ForeignMachine(seed)) {
      RestoredProcess restored = machine.restore(ForeignOptions.DEFAULT);
      DumpLayout layout = layout(restored.lazy());
      RandomOrigin origin =
          new RandomOrigin(
              random,
              layout,
              (page, into) -> machine.contents().write(layout.addressOf(page), into),
              arena);
      try (RandomSession session =
          new RandomSession(origin, random, () -> millis[0]++ * 1_000_000)) {
        session.add(restored.userfaultfd(), layout);
        for (int turn = 0; !machine.isFinished() || !session.isFinished(); turn++) {
          assertThat(turn).as("seed %d ends: %s", seed, machine).isLessThan(MOST_TURNS);
          if (random.nextBoolean()) {
            machine.step();
          } else {
            session.turn();
          }
        }
      }
      machine.verify();
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }

  private static DumpLayout layout(List<LazyRange> lazy) {
    return new DumpLayout(
        1,
        lazy.stream().mapToLong(LazyRange::address).toArray(),
        lazy.stream().mapToLong(LazyRange::pages).toArray());
  }
}
