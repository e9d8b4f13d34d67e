package io.faultline.demo.testing;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Waits until the vCPUs of a VM have executed. */
public final class VcpuProgress {
  private static final Duration POLL_INTERVAL = Duration.ofMillis(1);

  private VcpuProgress() {}

  /**
   * Waits until each vCPU has done an operation: from then on its guest measures time.
   *
   * @param opsDone operations done, by vCPU
   */
  public static void awaitFirstOperations(Supplier<long[]> opsDone) {
    awaitOperationsAfter(new long[opsDone.get().length], opsDone);
  }

  /**
   * Waits until each vCPU has done an operation after a moment. On a busy machine a resumed vCPU
   * may not run for a while.
   *
   * @param before operations done at that moment, by vCPU
   * @param opsDone operations done, by vCPU
   */
  public static void awaitOperationsAfter(long[] before, Supplier<long[]> opsDone) {
    await("each vCPU does operations")
        .atMost(TestHost.LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(POLL_INTERVAL)
        .until(() -> isAfter(before, opsDone.get()));
  }

  private static boolean isAfter(long[] before, long[] now) {
    return IntStream.range(0, before.length).allMatch(vcpu -> now[vcpu] > before[vcpu]);
  }
}
