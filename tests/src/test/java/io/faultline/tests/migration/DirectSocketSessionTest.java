package io.faultline.tests.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.AnyIncomingVm;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.demo.vm.VmKind;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Sessions that receive pages or requests read their socket directly, past Netty's channel. That is
 * visible only as a second descriptor of the connection; without it a migration is merely slower.
 */
class DirectSocketSessionTest {
  private static final long RAM_BYTES = 8 << 20;
  private static final long SLOW = 1 << 20;
  private static final long LIMIT_SECONDS = 60;
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  /** The control connection on each side, and the two bulk connections at the destination. */
  private static final int DIRECT_SOCKETS = 4;

  @Test
  void controlConnectionsAndReceivingBulkConnectionsAreReadDirectly() throws Exception {
    Kernel kernel = MigrationHost.kernel();
    SimulatedVmConfig config =
        SimulatedVmConfig.of(RAM_BYTES, Backing.ANONYMOUS, 1, Workload.UNIFORM, 1);
    long before = socketsWithTwoDescriptors();
    try (HostedVm vm = VmFactory.create(VmKind.SIMULATED, kernel, config, line -> {});
        AnyIncomingVm arriving = new AnyIncomingVm(kernel, VmKind.SIMULATED, null, line -> {});
        MigrationDestination destination =
            new MigrationDestination(kernel, arriving, new SimpleMeterRegistry(), line -> {})) {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      InetSocketAddress address = destination.listen(new InetSocketAddress(loopback, 0));
      SourceSettings settings = new SourceSettings(address).withBandwidth(SLOW).withChannels(2);
      vm.start();
      try (MigrationSource source =
          new MigrationSource(vm.outgoing(true), settings, new SimpleMeterRegistry())) {
        CompletableFuture<OutgoingReport> ended = source.start();
        await()
            .atMost(Duration.ofSeconds(LIMIT_SECONDS))
            .untilAsserted(
                () -> assertThat(socketsWithTwoDescriptors() - before).isEqualTo(DIRECT_SOCKETS));
        source.setBandwidth(SourceSettings.UNLIMITED);
        OutgoingReport out = ended.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(out.state()).as("%s", out).isEqualTo(OutgoingState.COMPLETED);
      }
    }
    assertThat(socketsWithTwoDescriptors()).as("after the migration").isEqualTo(before);
  }

  /** The number of sockets for which this process has two descriptors. */
  private static long socketsWithTwoDescriptors() throws IOException {
    Map<String, Integer> descriptors = new HashMap<>();
    List<Path> all;
    try (Stream<Path> listed = Files.list(DESCRIPTORS)) {
      all = listed.toList();
    }
    for (Path each : all) {
      try {
        descriptors.merge(Files.readSymbolicLink(each).toString(), 1, Integer::sum);
      } catch (NoSuchFileException e) {
        // closed in the meantime, as is the descriptor of the listing
      }
    }
    return descriptors.entrySet().stream()
        .filter(each -> each.getKey().startsWith("socket:") && each.getValue() == 2)
        .count();
  }
}
