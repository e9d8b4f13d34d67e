package io.faultline.uffd.races;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class RacesTest {
  @ParameterizedTest
  @EnumSource
  void oldKernelHangs(Script script) {
    assertThat(script.replay(Scenario.OLD_KERNEL).end()).isEqualTo(Run.End.HUNG);
  }

  @ParameterizedTest
  @EnumSource
  void oldKernelWorksWithPageStatesAndWakes(Script script) {
    assertThat(script.replay(Scenario.OLD_KERNEL_WITH_WAKES).end()).isEqualTo(Run.End.FINISHED);
  }

  @ParameterizedTest
  @EnumSource
  void newKernelWorks(Script script) {
    assertThat(script.replay(Scenario.NEW_KERNEL).end()).isEqualTo(Run.End.FINISHED);
  }

  @Test
  void noInterleavingHangsOnTheNewKernel() {
    Exploration.Result result = Exploration.of(Scenario.NEW_KERNEL, 2);
    assertThat(result.hanging()).isZero();
    assertThat(result.interleavings()).isGreaterThan(BigInteger.valueOf(1_000_000));
  }

  @Test
  void noInterleavingHangsOnTheOldKernelWithPageStatesAndWakes() {
    assertThat(Exploration.of(Scenario.OLD_KERNEL_WITH_WAKES, 2).hanging()).isZero();
  }

  @Test
  void explorationFindsBothInterleavingsOnTheOldKernel() {
    Exploration.Result result = Exploration.of(Scenario.OLD_KERNEL, 2);
    assertThat(result.hanging()).isPositive();
    assertThat(result.lostWakeUps()).containsKeys(1, 2);
  }

  @Test
  void explorationFindsALostWakeUpWithoutTheFence() {
    assertThat(Exploration.of(Scenario.NEW_KERNEL_WITHOUT_FENCE, 2).hanging()).isPositive();
  }

  @Test
  void randomInterleavingsAgreeWithTheExploration() {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    Random random = new Random(seed);
    for (Scenario scenario : List.of(Scenario.NEW_KERNEL, Scenario.OLD_KERNEL_WITH_WAKES)) {
      for (int i = 0; i < 1000; i++) {
        try (PostcopyProgram program = new PostcopyProgram(scenario, 2)) {
          Run run = program.run(runnable -> runnable.get(random.nextInt(runnable.size())));
          assertThat(run.end())
              .as("seed %d, run %d, %s, %s", seed, i, scenario, run.actions())
              .isEqualTo(Run.End.FINISHED);
        }
      }
    }
  }

  @Test
  void allResultsAreAsExpected() throws IOException {
    StringBuilder report = new StringBuilder();
    assertThat(Races.run(report)).as(report.toString()).isTrue();
    assertThat(report).contains("HANGS", "works", "as expected").doesNotContain("NOT AS EXPECTED");
  }
}
