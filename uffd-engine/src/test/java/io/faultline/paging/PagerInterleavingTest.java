package io.faultline.paging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two pages under faults, eviction, deferred writes, rescues, flushes and discards, in many
 * interleavings. {@link NightlyInterleavingFuzzTest} has more of them. {@code -Dfaultline.seed=N}
 * repeats one of them only.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagerInterleavingTest {
  private static final long NANOS = 100_000_000L;
  private static final @Nullable Long SEED = Long.getLong("faultline.seed");

  /** Each scenario with each memory for which it is possible. */
  static Stream<Arguments> programs() {
    return Stream.of(TwoPageScenario.values())
        .flatMap(
            scenario ->
                Stream.of(ProgramMemory.values())
                    .filter(scenario::isFor)
                    .map(memory -> Arguments.of(scenario, memory)));
  }

  @ParameterizedTest
  @MethodSource("programs")
  void noInterleavingLosesAStoreOrWaitsForEver(TwoPageScenario scenario, ProgramMemory memory) {
    Interleavings explored = new Interleavings(passesOn -> scenario.program(memory, passesOn));
    if (SEED != null) {
      explored.one(SEED);
      return;
    }
    explored.all(1).random(System.nanoTime(), NANOS, scenario.reaches());
    assertThat(explored.runs()).isGreaterThan(100);
    for (Counter counter : scenario.reaches()) {
      assertThat(explored.counted(counter)).as(counter.name()).isPositive();
    }
  }
}
