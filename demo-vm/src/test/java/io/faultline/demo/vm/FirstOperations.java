package io.faultline.demo.vm;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.Supplier;

/** Waits until a guest runs, for tests. */
public final class FirstOperations {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration OFTEN = Duration.ofMillis(1);

  private FirstOperations() {}

  /**
   * Each vCPU has done some: from here on its guest sees time.
   *
   * @param opsDone of each vCPU
   */
  public static void areDone(Supplier<long[]> opsDone) {
    await("the guest runs in time")
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(OFTEN)
        .until(() -> Arrays.stream(opsDone.get()).min().orElseThrow() > 0);
  }
}
