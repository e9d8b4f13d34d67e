package io.faultline.uffd.simulated.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.simulated.process.ReferenceFiller.Mistake;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class ForeignMachineTest {
  private static final int SEEDS = 40;
  private static final int LIMIT = 30_000;

  @Test
  void memoryThatIsFilledRightIsRightForEverySeed() {
    for (long seed = 0; seed < SEEDS; seed++) {
      run(seed, Mistake.NONE);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void mistakeIsFound(Mistake mistake) {
    assertThatThrownBy(
            () -> {
              for (long seed = 0; seed < SEEDS; seed++) {
                run(seed, mistake);
              }
            })
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void seedDeterminesTheRun() {
    for (long seed = 0; seed < 5; seed++) {
      assertThat(run(seed, Mistake.NONE)).as("seed " + seed).isEqualTo(run(seed, Mistake.NONE));
    }
  }

  @Test
  void closingEndsThreadsThatSleep() {
    ForeignMachine machine = new ForeignMachine(1);
    RestoredProcess restored = machine.restore(ForeignOptions.DEFAULT);
    while (machine.step()) {
      // until all sleep, since nothing is filled
    }
    assertThat(machine.isFinished()).isFalse();
    machine.close();
    assertThat(machine.isFinished()).isTrue();
    restored.userfaultfd().close();
  }

  @Test
  void processThatWasKilledHasNoEventsAndTakesNoPages() {
    try (ForeignMachine machine = new ForeignMachine(3)) {
      RestoredProcess restored = machine.restore(ForeignOptions.DEFAULT);
      while (machine.step()) {
        // until all sleep
      }
      restored.process().kill();
      while (machine.step()) {
        // the threads end
      }
      assertThat(machine.isFinished()).isTrue();
      assertThat(restored.process().hasExited()).isTrue();
      assertThat(restored.userfaultfd().read(new EventBuffer(4))).isZero();
      long result =
          restored
              .userfaultfd()
              .zeroPage(restored.lazy().getFirst().address(), 4096, FillMode.WAKE);
      assertThat(FillResult.errno(result)).isEqualTo(Errno.ESRCH);
      restored.userfaultfd().close();
      machine.verify();
    }
  }

  @Test
  void severalProcessesAreRestoredFromOneDump() {
    try (ForeignMachine machine = new ForeignMachine(5)) {
      try (ReferenceFiller filler = new ReferenceFiller(Mistake.NONE, machine.contents(), 5)) {
        for (int i = 0; i < 3; i++) {
          filler.add(machine.restore(new ForeignOptions(2, 8, 30, 2, 2)));
        }
        drive(machine, filler, new Random(5), "seed 5");
        assertThat(machine.processes()).hasSizeGreaterThanOrEqualTo(3);
      }
      machine.verify();
    }
  }

  /** Returns a description of the end, equal for equal runs. */
  private static String run(long seed, Mistake mistake) {
    String name = "seed " + seed + ", " + mistake;
    try (ForeignMachine machine = new ForeignMachine(seed)) {
      ReferenceFiller filler = new ReferenceFiller(mistake, machine.contents(), seed);
      try (filler) {
        filler.add(machine.restore(ForeignOptions.DEFAULT));
        int turns = drive(machine, filler, new Random(seed), name);
        name += " " + turns + " " + machine.processes() + machine;
      }
      machine.verify();
      return name;
    } catch (AssertionError e) {
      throw new AssertionError(name + ": " + e.getMessage(), e);
    }
  }

  private static int drive(
      ForeignMachine machine, ReferenceFiller filler, Random random, String name) {
    int bias = 1 + random.nextInt(8);
    for (int turn = 0; turn < LIMIT; turn++) {
      if (machine.isFinished() && filler.isFinished()) {
        return turn;
      }
      if (random.nextInt(9) < bias) {
        machine.step();
      } else {
        filler.turn();
      }
    }
    throw new AssertionError(name + " hangs: " + machine);
  }
}
