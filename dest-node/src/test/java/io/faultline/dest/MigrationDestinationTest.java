package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class MigrationDestinationTest {
  @Test
  void closeCompletesTheResultWithoutASource() throws Exception {
    CompletableFuture<IncomingReport> result;
    try (MigrationDestination destination =
        new MigrationDestination(
            new SimulatedKernel(), new UnusedVm(), new SimpleMeterRegistry(), line -> {})) {
      destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      result = destination.result();
      assertThat(result).isNotDone();
    }
    IncomingReport report = result.get(60, TimeUnit.SECONDS);
    assertThat(report.state()).isEqualTo(IncomingState.FAILED);
    assertThat(report.vmStarted()).isFalse();
    assertThat(report.error()).isEqualTo("the destination was closed");
  }

  @Test
  void destinationWhoseVmHasEndedDoesNotWaitForASource() throws Exception {
    UnusedVm vm = new UnusedVm();
    try (MigrationDestination destination =
        new MigrationDestination(
            new SimulatedKernel(), vm, new SimpleMeterRegistry(), line -> {})) {
      destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      vm.ended = "the VM has ended";
      IncomingReport report = destination.result().get(60, TimeUnit.SECONDS);
      assertThat(report.state()).isEqualTo(IncomingState.FAILED);
      assertThat(report.error()).isEqualTo("the VM has ended");
    }
  }

  /** No method may be called, except one. */
  private static final class UnusedVm implements IncomingVm {
    private volatile @Nullable String ended;

    @Override
    public @Nullable String ended() {
      return ended;
    }

    @Override
    public List<MemoryRegion> prepare(
        String type, ByteString configuration, List<AnnouncedRegion> announced) {
      throw new AssertionError("prepare");
    }

    @Override
    public void loadDeviceState(ByteString state, long clockOffsetNanos) {
      throw new AssertionError("load");
    }

    @Override
    public void start(FirstInstruction onFirstInstruction) {
      throw new AssertionError("start");
    }

    @Override
    public void abandon() {
      throw new AssertionError("abandon");
    }
  }
}
