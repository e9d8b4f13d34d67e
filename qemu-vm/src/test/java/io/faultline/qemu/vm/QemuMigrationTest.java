package io.faultline.qemu.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Placement;
import io.faultline.qemu.StockQemu;
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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Guests of stock QEMUs, moved by both nodes from one process to another. */
@Timeout(120)
class QemuMigrationTest {
  private static final long RAM_BYTES = 32L << 20;
  private static final long OPERATIONS = 6_000_000;

  private final LinuxKernel kernel = new LinuxKernel();
  private final List<String> log = new ArrayList<>();
  private Path directory;

  @BeforeEach
  void create() throws IOException {
    assumeTrue(kernel.supportedFeatures().contains(Feature.WP_ASYNC), "needs WP_ASYNC (Linux 6.7)");
    directory = Files.createTempDirectory(Path.of("/dev/shm"), "fl-qvm");
  }

  @AfterEach
  void delete() throws IOException {
    if (directory != null) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }

  /** All four ways; each version of QEMU takes two of them if there are two. */
  static Stream<Arguments> cases() {
    List<Path> programs = StockQemu.programs().toList();
    Path first = programs.getFirst();
    Path last = programs.getLast();
    return Stream.of(
        Arguments.of(first, MigrationMode.POSTCOPY, Placement.COPY),
        Arguments.of(last, MigrationMode.POSTCOPY, Placement.CONTINUE),
        Arguments.of(last, MigrationMode.HYBRID, Placement.COPY),
        Arguments.of(first, MigrationMode.HYBRID, Placement.CONTINUE));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void guestIsAsIfItWasNeverMigrated(Path program, MigrationMode mode, Placement placement)
      throws Exception {
    check(program, List.of(), List.of(), mode, placement);
  }

  /** QEMU gets its userfaultfds through /dev/userfaultfd. */
  @Test
  void guestOfAQemuWithoutPrivilegesInItsSandboxMoves() throws Exception {
    assumeTrue(Files.isReadable(Path.of("/dev/userfaultfd")), "needs root and /dev/userfaultfd");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "needs setpriv");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    check(
        StockQemu.programs().findFirst().orElseThrow(),
        List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
        List.of(
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"),
        MigrationMode.HYBRID,
        Placement.CONTINUE);
  }

  private void check(
      Path program,
      List<String> prefix,
      List<String> options,
      MigrationMode mode,
      Placement placement)
      throws Exception {
    ProgramGuest guest = new ProgramGuest(kernel, RAM_BYTES, OPERATIONS, 0.5);
    Path from = directory.resolve("source.ram");
    Path to = directory.resolve("dest.ram");
    List<String> running = new ArrayList<>(prefix);
    running.addAll(guest.command(program, directory, from));
    running.addAll(options);
    List<String> waiting = new ArrayList<>(prefix);
    waiting.addAll(guest.command(program, directory, to));
    waiting.addAll(options);
    waiting.addAll(List.of("-incoming", "defer", "-S"));
    try (QemuProcess source = QemuProcess.start(directory, "source", running);
        QemuProcess destination = QemuProcess.start(directory, "dest", waiting)) {
      Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> guest.operations(from) > 0);
      move(source, destination, mode, placement);
      long left = guest.operations(from);
      assumeTrue(left < OPERATIONS, "too slow a machine: the guest ended before it was moved");
      Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> guest.operations(to) > left);
      assertThat(status(source)).isEqualTo("postmigrate");
      assertThat(OpenFiles.of(source.pid())).doesNotContain("anon_inode:[userfaultfd]");
      assertThat(OpenFiles.of(destination.pid())).doesNotContain("anon_inode:[userfaultfd]");
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> guest.operations(to) == OPERATIONS);
      assertThat(new ReferenceRun(guest.digest(to), ProgramGuest.registers(destination.monitor())))
          .isEqualTo(guest.expected());
      assertThat(log).isEmpty();
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
        OutgoingReport sent = from.start().join();
        assertThat(sent.error()).isNull();
        assertThat(sent.state()).isEqualTo(OutgoingState.COMPLETED);
        IncomingReport received = to.result().join();
        assertThat(received.state()).isEqualTo(IncomingState.COMPLETED);
      }
    }
  }

  private static String status(QemuProcess qemu) throws Exception {
    return qemu.monitor().execute("query-status").path("status").asString();
  }
}
