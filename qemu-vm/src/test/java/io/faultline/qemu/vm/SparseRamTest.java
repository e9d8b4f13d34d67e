package io.faultline.qemu.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Placement;
import io.faultline.qemu.QemuDirectory;
import io.faultline.qemu.StockQemu;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.source.MigrationMode;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.Feature;
import io.faultline.uffd.linux.LinuxKernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The RAM of a guest that uses little of it does not grow at the source when it is read. */
@Timeout(120)
class SparseRamTest {
  private static final int MEGABYTES = 64;

  @RegisterExtension private final QemuDirectory directory = new QemuDirectory();
  private final LinuxKernel kernel = new LinuxKernel();
  private final List<String> log = new ArrayList<>();

  @BeforeEach
  void requireKernel() {
    assumeTrue(kernel.supportedFeatures().contains(Feature.WP_ASYNC), "needs WP_ASYNC (Linux 6.7)");
  }

  @ParameterizedTest
  @CsvSource({"POSTCOPY, COPY", "HYBRID, CONTINUE"})
  void holesOfTheSourcesRamStayHoles(MigrationMode mode, Placement placement) throws Exception {
    Path program = StockQemu.programs().findFirst().orElseThrow();
    Path from = directory.file("from.ram");
    Path to = directory.file("to.ram");
    try (QemuProcess source = start(program, from, "from", "-S");
        QemuProcess destination = start(program, to, "to", "-S", "-incoming", "defer")) {
      write(from, 40 << 20);
      long blocks = blocks(from);
      assertThat(blocks).isLessThan((MEGABYTES << 20) / 512 / 2);
      move(source, destination, mode, placement);
      assertThat(blocks(from)).isEqualTo(blocks);
      assertThat(Files.mismatch(from, to)).isEqualTo(-1);
      assertThat(log).isEmpty();
    }
  }

  private QemuProcess start(Path program, Path ram, String name, String... more)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(StockQemu.command(program, ram, MEGABYTES));
    command.addAll(List.of(more));
    return QemuProcess.start(directory.path(), name, command);
  }

  private static void write(Path ram, int offset) throws IOException {
    try (FileChannel channel = FileChannel.open(ram, StandardOpenOption.WRITE)) {
      assertThat(channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), offset)).isEqualTo(3);
    }
  }

  private void move(
      QemuProcess source, QemuProcess destination, MigrationMode mode, Placement placement)
      throws IOException, InterruptedException {
    try (QemuDestination incoming = QemuDestination.of(kernel, destination.monitor(), log::add);
        MigrationDestination to =
            new MigrationDestination(kernel, incoming, new SimpleMeterRegistry(), log::add);
        QemuSource outgoing = QemuSource.of(kernel, source.monitor(), log::add)) {
      InetSocketAddress address =
          to.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SourceSettings settings = new SourceSettings(address).withMode(mode).withPlacement(placement);
      try (MigrationSource from =
          new MigrationSource(outgoing, settings, new SimpleMeterRegistry())) {
        assertThat(from.start().join().state()).isEqualTo(OutgoingState.COMPLETED);
        assertThat(to.result().join().error()).isNull();
      }
    }
  }

  private static long blocks(Path file) throws IOException, InterruptedException {
    Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
    String text = new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(stat.waitFor()).isZero();
    return Long.parseLong(text.strip());
  }
}
