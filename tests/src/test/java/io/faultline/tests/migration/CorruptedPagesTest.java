package io.faultline.tests.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.AnyIncomingVm;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.demo.vm.VmKind;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.source.MigrationMode;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.WireSettings;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One bit flips in transit, in the background stream or in a precopy round. */
final class CorruptedPagesTest {
  private static final long RAM_BYTES = 32 << 20;

  /** Most likely in the payload of a run: headers are 40 bytes of ten thousand or more. */
  private static final long FLIPPED_BYTE = 3_000_000;

  private static final Pattern DAMAGED =
      Pattern.compile(".*pages \\d+ to \\d+ of region 0 were damaged in transit: .*0x.*0x.*");

  private final Kernel kernel = MigrationHost.kernel();

  static Stream<Arguments> combinations() {
    return Stream.of(CompressionMode.NONE, CompressionMode.ZSTD)
        .flatMap(
            compression ->
                Stream.of(
                    Arguments.of(MigrationMode.POSTCOPY, Placement.COPY, compression),
                    Arguments.of(MigrationMode.POSTCOPY, Placement.CONTINUE, compression),
                    Arguments.of(MigrationMode.HYBRID, Placement.COPY, compression),
                    Arguments.of(MigrationMode.HYBRID, Placement.CONTINUE, compression)));
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void flippedBitClosesTheConnectionAndNeverReachesTheGuest(
      MigrationMode mode, Placement placement, CompressionMode compression) throws Exception {
    SimulatedVmConfig config =
        SimulatedVmConfig.of(RAM_BYTES, Backing.SHMEM, 1, Workload.UNIFORM, 5)
            .withCommonFraction(0.5)
            .withPace(1000);
    List<String> log = new CopyOnWriteArrayList<>();
    MigrationSetup setup =
        MigrationSetup.of(mode, placement, true).withWire(new WireSettings(compression, true));
    try (HostedVm vm = VmFactory.create(VmKind.SIMULATED, kernel, config, line -> {});
        AnyIncomingVm incoming = new AnyIncomingVm(kernel, VmKind.SIMULATED, null, line -> {});
        MigrationDestination destination =
            new MigrationDestination(kernel, incoming, new SimpleMeterRegistry(), log::add);
        FlippingRelay relay = FlippingRelay.to(listen(destination), FLIPPED_BYTE)) {
      vm.start();
      OutgoingReport out;
      try (MigrationSource source =
          new MigrationSource(
              vm.outgoing(true), setup.settings(relay.address()), new SimpleMeterRegistry())) {
        out = source.start().get(60, TimeUnit.SECONDS);
      }
      IncomingReport in = destination.result().get(60, TimeUnit.SECONDS);
      assertThat(out.committed()).isEqualTo(mode == MigrationMode.POSTCOPY);
      if (out.committed()) { // the page was sent again over another connection
        assertThat(out.state()).isEqualTo(OutgoingState.COMPLETED);
        assertThat(in.state()).isEqualTo(IncomingState.COMPLETED);
        assertThat(out.recoveries()).isPositive();
        assertThat(log).anyMatch(DAMAGED.asMatchPredicate());
        assertCorrect(incoming.vm().orElseThrow());
      } else { // the VM continues at the source, undamaged
        assertThat(out.state()).isEqualTo(OutgoingState.FAILED);
        assertThat(in.state()).isEqualTo(IncomingState.FAILED);
        assertThat(in.error()).matches(DAMAGED);
        assertCorrect(vm);
      }
    }
  }

  private void assertCorrect(HostedVm vm) throws InterruptedException {
    vm.stopBetweenOperations();
    assertThat(vm.outcome().findProblem(kernel)).isEmpty();
  }

  private static InetSocketAddress listen(MigrationDestination destination) throws Exception {
    return destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }
}
