package io.faultline.paging;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** As {@link PagerInterleavingTest}, with two switches anywhere, and more random runs. */
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NightlyInterleavingFuzzTest {
  private static final long NANOS = 60_000_000_000L;

  @ParameterizedTest
  @MethodSource("io.faultline.paging.PagerInterleavingTest#programs")
  void noInterleavingLosesAStoreOrWaitsForEver(TwoPageScenario scenario, ProgramMemory memory) {
    new Interleavings(passesOn -> scenario.program(memory, passesOn))
        .all(2)
        .random(System.nanoTime(), NANOS, Set.of());
  }
}
