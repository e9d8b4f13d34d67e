package io.faultline.paging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two pages under faults, eviction, deferred writes, rescues, flushes and discards, in many
 * interleavings. {@link NightlyInterleavingFuzzTest} has more of them.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagerInterleavingTest {
  private static final long NANOS = 300_000_000L;

  @ParameterizedTest
  @EnumSource
  void noInterleavingLosesAStoreOrWaitsForEver(TwoPageScenario scenario) {
    Interleavings explored =
        new Interleavings(scenario::program)
            .all(1)
            .random(System.nanoTime(), NANOS, scenario.reaches());
    assertThat(explored.runs()).isGreaterThan(100);
    for (Counter counter : scenario.reaches()) {
      assertThat(explored.counted(counter)).as(counter.name()).isPositive();
    }
  }
}
