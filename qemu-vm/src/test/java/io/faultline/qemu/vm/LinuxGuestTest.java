package io.faultline.qemu.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Placement;
import io.faultline.qemu.QemuDirectory;
import io.faultline.qemu.StockQemu;
import io.faultline.qemu.console.ConsoleChecks;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.source.MigrationMode;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.Feature;
import io.faultline.uffd.linux.LinuxKernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A Linux that copies and checks files in its memory for ever, moved back and forth under load:
 * memory is written, sums are checked, and a virtio disk, a network device and a random number
 * generator are used. Its firmware and these devices read guest memory while they load their state.
 */
@Timeout(300)
class LinuxGuestTest {
  private static final int MEGABYTES = 256;
  private static final int DISK_BYTES = 1 << 20;
  private static final long CHECKS_BETWEEN = 20;

  /** What a guest may stand still: on a busy machine, far longer than its pause. */
  private static final double MAX_GAP_SECONDS = 60;

  @RegisterExtension private final QemuDirectory directory = new QemuDirectory();

  private final LinuxKernel kernel = new LinuxKernel();
  private final List<String> log = new ArrayList<>();

  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void movedBackAndForthItFindsNoBadSumAndItsConsoleGoesOn(Path program) throws Exception {
    Path guest = StockQemu.project().resolve("target/qemu-guest");
    assumeTrue(
        Files.isReadable(guest.resolve("initrd")),
        "no Linux guest: run tests/qemu/get-linux-guest.sh");
    assumeTrue(kernel.supportedFeatures().contains(Feature.WP_ASYNC), "needs WP_ASYNC (Linux 6.7)");
    Files.write(directory.file("disk"), new byte[DISK_BYTES]);
    List<Path> consoles = new ArrayList<>(List.of(directory.file("0.console")));
    QemuProcess running = start(program, guest, 0, List.of());
    try {
      awaitChecks(consoles, CHECKS_BETWEEN);
      for (int hop = 1; hop <= 3; hop++) {
        QemuProcess next = start(program, guest, hop, List.of("-incoming", "defer", "-S"));
        try (QemuProcess before = running) {
          move(before, next, hop);
          running = next;
        }
        consoles.add(directory.file(hop + ".console"));
        awaitChecks(consoles, read(consoles).checks() + CHECKS_BETWEEN);
      }
    } finally {
      running.close();
    }
    ConsoleChecks console = read(consoles);
    assertThat(console.problems()).isEmpty();
    assertThat(console.longestGapSeconds()).isLessThan(MAX_GAP_SECONDS);
    assertThat(log).isEmpty();
  }

  private QemuProcess start(Path program, Path guest, int hop, List<String> more)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(StockQemu.command(program, directory.file(hop + ".ram"), MEGABYTES));
    command.addAll(
        List.of(
            "-kernel",
            guest.resolve("vmlinuz").toString(),
            "-initrd",
            guest.resolve("initrd").toString(),
            "-append",
            "console=ttyS0 quiet panic=1 load",
            "-serial",
            "file:" + directory.file(hop + ".console"),
            "-device",
            "virtio-rng-pci",
            "-device",
            "virtio-balloon-pci",
            "-drive",
            "file=" + directory.file("disk") + ",format=raw,if=virtio",
            "-netdev",
            "hubport,id=net,hubid=0",
            "-device",
            "virtio-net-pci,netdev=net,romfile="));
    command.addAll(more);
    return QemuProcess.start(directory.path(), "hop" + hop, command);
  }

  private void move(QemuProcess from, QemuProcess to, int hop) throws Exception {
    MigrationMode mode = hop == 2 ? MigrationMode.HYBRID : MigrationMode.POSTCOPY;
    Placement placement = hop == 1 ? Placement.COPY : Placement.CONTINUE;
    try (QemuDestination incoming = QemuDestination.of(kernel, to.monitor(), log::add);
        MigrationDestination destination =
            new MigrationDestination(kernel, incoming, new SimpleMeterRegistry(), log::add);
        QemuSource outgoing = QemuSource.of(kernel, from.monitor(), log::add)) {
      InetSocketAddress address =
          destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SourceSettings settings = new SourceSettings(address).withMode(mode).withPlacement(placement);
      try (MigrationSource source =
          new MigrationSource(outgoing, settings, new SimpleMeterRegistry())) {
        OutgoingReport sent = source.start().join();
        assertThat(sent.error()).as("hop %d", hop).isNull();
        assertThat(sent.state()).as("hop %d", hop).isEqualTo(OutgoingState.COMPLETED);
        assertThat(destination.result().join().error()).isNull();
      }
    }
  }

  private static void awaitChecks(List<Path> consoles, long count) {
    Awaitility.await()
        .atMost(100, TimeUnit.SECONDS)
        .until(() -> read(consoles).checks() >= count || !read(consoles).problems().isEmpty());
  }

  private static ConsoleChecks read(List<Path> consoles) throws IOException {
    ConsoleChecks checks = new ConsoleChecks();
    for (Path console : consoles) {
      byte[] bytes = Files.readAllBytes(console);
      checks.add(bytes, bytes.length);
    }
    return checks;
  }
}
