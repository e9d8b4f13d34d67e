package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.qemu.process.QemuProcess;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code source} and {@code dest} with the guests of running QEMUs. */
class QemuNodesTest {
  private static final long RAM_BYTES = 30L << 20;
  private static final long OPERATIONS = 2_000_000;

  @RegisterExtension private final QemuGuestFiles guest = new QemuGuestFiles(RAM_BYTES, OPERATIONS);
  @RegisterExtension private final Processes processes = new Processes();

  @ParameterizedTest
  @MethodSource("io.faultline.tests.process.QemuGuestFiles#versions")
  void guestOfARunningQemuMoves(String version) throws Exception {
    guest.useVersion(version);
    Path json = processes.file("source.json");
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = guest.startDest(processes);
      Node source = source(dest, "--json=" + json);
      source.awaitSuccess();
      dest.awaitSuccess();
      assertThat(status(from)).isEqualTo("postmigrate");
      assertThat(status(to)).isEqualTo("running");
      guest.assertEqualsARunWithoutMigration(to.monitor(), guest.file("to.ram"));
    }
    assertThat(Result.read(json).text("vm_location")).isEqualTo("destination");
  }

  @Test
  void guestThatTheDestinationRefusesContinues() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to", "-cpu", "max")) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = guest.startDest(processes);
      Node source = source(dest);
      assertThat(source.await(Node.LIMIT)).isEqualTo(1);
      assertThat(String.join(" ", source.err()))
          .contains("CPU is")
          .contains("the guest continues in QEMU");
      assertThat(dest.await(Node.LIMIT)).isEqualTo(1);
      assertThat(status(from)).isEqualTo("running");
      assertThat(status(to)).isEqualTo("inmigrate");
      guest.assertEqualsARunWithoutMigration(from.monitor(), guest.file("from.ram"));
    }
  }

  private Node source(Node dest, String... more) throws Exception {
    return guest.startSource(
        processes, dest.awaitPort(), List.of("--mode=hybrid", "--place=continue"), more);
  }

  private static String status(QemuProcess qemu) throws Exception {
    return qemu.monitor().execute("query-status").path("status").asString();
  }
}
