package io.faultline.paging;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** As {@link PagerInterleavingTest}, with two switches anywhere, and more random runs. */
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NightlyInterleavingFuzzTest {
  private static final long NANOS = 60_000_000_000L;

  @ParameterizedTest
  @EnumSource
  void noInterleavingLosesAStoreOrWaitsForEver(TwoPageScenario scenario) {
    new Interleavings(scenario::program).all(2).random(System.nanoTime(), NANOS, Set.of());
  }
}
