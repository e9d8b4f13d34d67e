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

@Timeout(60)
class RacesTest {
  @ParameterizedTest
  @EnumSource
  void theOldKernelHangsWithoutCare(Script script) {
    assertThat(script.play(Setting.OLD_KERNEL_NO_CARE).end()).isEqualTo(Run.End.HUNG);
  }

  @ParameterizedTest
  @EnumSource
  void theOldKernelWorksWithPageStatesAndWakes(Script script) {
    assertThat(script.play(Setting.OLD_KERNEL_TRISTATE).end()).isEqualTo(Run.End.FINISHED);
  }

  @ParameterizedTest
  @EnumSource
  void theNewKernelWorksWithoutCare(Script script) {
    assertThat(script.play(Setting.NEW_KERNEL_NO_CARE).end()).isEqualTo(Run.End.FINISHED);
  }

  @Test
  void noInterleavingHangsOnTheNewKernel() {
    Exploration.Result result = Exploration.of(Setting.NEW_KERNEL_NO_CARE, 2);
    assertThat(result.hanging()).isZero();
    assertThat(result.interleavings()).isGreaterThan(BigInteger.valueOf(1_000_000));
  }

  @Test
  void noInterleavingHangsOnTheOldKernelWithPageStates() {
    assertThat(Exploration.of(Setting.OLD_KERNEL_TRISTATE, 2).hanging()).isZero();
  }

  @Test
  void withoutTheFixBothInterleavingsAreFound() {
    Exploration.Result result = Exploration.of(Setting.OLD_KERNEL_NO_CARE, 2);
    assertThat(result.hanging()).isPositive();
    assertThat(result.lostWakeUps()).containsKeys(1, 2);
  }

  @Test
  void withoutTheFenceALostWakeUpIsFound() {
    assertThat(Exploration.of(Setting.NEW_KERNEL_WITHOUT_FENCE, 2).hanging()).isPositive();
  }

  @Test
  void randomInterleavingsAgreeWithTheExploration() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (Setting setting : List.of(Setting.NEW_KERNEL_NO_CARE, Setting.OLD_KERNEL_TRISTATE)) {
      for (int i = 0; i < 1000; i++) {
        try (PostcopyProgram program = new PostcopyProgram(setting, 2)) {
          Run run = program.run(able -> able.get(random.nextInt(able.size())));
          assertThat(run.end())
              .as("seed %d, run %d, %s, %s", seed, i, setting, run.moves())
              .isEqualTo(Run.End.FINISHED);
        }
      }
    }
  }

  @Test
  void theStoryComesOutAsExpected() throws IOException {
    StringBuilder story = new StringBuilder();
    assertThat(Races.tell(story)).as(story.toString()).isTrue();
    assertThat(story).contains("HANGS", "works", "as expected").doesNotContain("NOT AS EXPECTED");
  }
}
