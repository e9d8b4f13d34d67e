package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.wire.Frame;
import io.faultline.qemu.process.QemuProcess;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The QEMU of a destination is killed with SIGKILL in each phase: both nodes end by themselves and
 * say why, the guest continues at the source if RUN was not sent, and nothing stays open there.
 */
@Timeout(300)
class KilledDestinationQemuTest {
  private static final long RAM_BYTES = 24L << 20;
  private static final long OPERATIONS = 2_000_000;

  /** Far longer than it takes, and far shorter than the time after which a node gives up. */
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension private final QemuGuestFiles guest = new QemuGuestFiles(RAM_BYTES, OPERATIONS);
  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void guestContinuesInPrecopy() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = guest.startDest(processes);
      Node source = source(dest.awaitPort(), "--mode=hybrid", ControlSocket.HELD);
      awaitStatus(source, "active");
      to.kill();
      assertEnds(dest, "QEMU", "has ended");
      assertEnds(source, "the guest continues in QEMU");
      assertContinues(from);
    }
  }

  @Test
  void guestContinuesInTheSwitchover() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = guest.startDest(processes);
      try (HoldingRelay relay = HoldingRelay.to(dest.awaitPort(), Frame::hasReady)) {
        Node source = source(relay.port(), "--mode=postcopy");
        relay.held().get(60, TimeUnit.SECONDS);
        to.kill();
        assertEnds(dest, "QEMU", "has ended");
        assertEnds(source, "the guest continues in QEMU");
      }
      assertContinues(from);
    }
  }

  @Test
  void guestEndsWithItInPostcopy() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = guest.startDest(processes);
      Node source = source(dest.awaitPort(), "--mode=postcopy", ControlSocket.HELD);
      awaitStatus(source, "postcopy-active");
      to.kill();
      assertEnds(dest, "QEMU", "has ended");
      assertEnds(source, "the destination owns the VM");
      assertThat(status(from)).isEqualTo("postmigrate");
      assertThat(Descriptors.of(from.pid())).doesNotContain("anon_inode:[userfaultfd]");
    }
  }

  private void awaitStatus(Node node, String name) {
    ControlSocket.of(node, processes.defaultState()).awaitStatus(name);
  }

  private static void assertEnds(Node node, String... said) throws Exception {
    node.awaitFailure(1, SOON);
    assertThat(String.join("\n", node.err())).contains(said);
  }

  /** The guest runs where it was, and is right at its end. */
  private void assertContinues(QemuProcess from) throws Exception {
    assertThat(status(from)).isEqualTo("running");
    assertThat(Descriptors.of(from.pid())).doesNotContain("anon_inode:[userfaultfd]");
    guest.assertEqualsARunWithoutMigration(from.monitor(), guest.file("from.ram"));
  }

  private Node source(int port, String... more) throws Exception {
    return guest.startSource(processes, port, List.of(), more);
  }

  private static String status(QemuProcess qemu) throws Exception {
    return qemu.monitor().execute("query-status").path("status").asString();
  }
}
