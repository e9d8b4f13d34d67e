package io.faultline.cli.dest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.demo.simulated.SimulatedDestination;
import io.faultline.demo.simulated.SimulatedSource;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class RehearsalAwaitingVmTest {
  @Test
  void memoryIsReportedAsPreparedOnlyAfterTheRehearsal() throws Exception {
    CountDownLatch mayEnd = new CountDownLatch(1);
    Thread rehearsal = Thread.ofPlatform().daemon().start(() -> await(mayEnd));
    AtomicBoolean prepared = new AtomicBoolean();
    try (SimulatedDestination arriving = new SimulatedDestination(new SimulatedKernel())) {
      Thread source = Thread.ofPlatform().start(() -> prepare(arriving, rehearsal, prepared));
      source.join(Duration.ofMillis(300));
      assertThat(prepared).isFalse();
      mayEnd.countDown();
      source.join(Duration.ofSeconds(60));
      assertThat(prepared).isTrue();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void prepare(
      SimulatedDestination arriving, Thread rehearsal, AtomicBoolean prepared) {
    SimulatedVmConfig config =
        SimulatedVmConfig.of(1 << 20, Backing.ANONYMOUS, 1, Workload.UNIFORM, 1);
    ByteString configuration = config.toByteString();
    List<AnnouncedRegion> regions = List.of(new AnnouncedRegion(0, "ram", 1 << 20, 4096));
    try {
      new RehearsalAwaitingVm(arriving, rehearsal, () -> {})
          .prepare(SimulatedSource.TYPE, configuration, regions);
      prepared.set(true);
    } catch (IncomingVmException e) {
      throw new IllegalStateException(e);
    }
  }
}
