package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.uffd.linux.process.PidFd;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code dest --take-over}: a destination node is killed, and another one goes on. */
class QemuTakeOverTest {
  @RegisterExtension private final Processes processes = new Processes();

  @RegisterExtension
  private final QemuGuestFiles guest = new QemuGuestFiles(30L << 20, 8L << 20, 5_000_000);

  private final TakeOverNodes nodes = new TakeOverNodes(processes, guest);

  @ParameterizedTest
  @ValueSource(strings = {"copy", "continue"})
  void anotherNodeGoesOnInPostcopy(String placement) throws Exception {
    Path ram = guest.file("to.ram");
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node first = nodes.dest();
      Node source = nodes.source(first.awaitPort(), "--place=" + placement, "--bandwidth=8m");
      Path state = nodes.awaitStage(TakeOverStage.STARTED);
      nodes.control(source).setBandwidth(TakeOverNodes.HELD);
      String id = TakeOverNodes.id(state);
      Node beside = nodes.takeOver(id);
      beside.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", beside.err())).contains("another node works with this QEMU");
      first.kill();
      first.await(Node.LIMIT);
      Node second = nodes.takeOver(id.substring(0, 6));
      second.awaitPort();
      second.awaitError("the source is back");
      second.kill();
      Node third = nodes.takeOver(id);
      nodes.control(source).release();
      third.awaitSuccess();
      source.awaitSuccess();
      assertThat(Files.exists(state)).isFalse();
      assertThat(TakeOverNodes.status(to)).isEqualTo("running");
      guest.assertEqualsARunWithoutMigration(to.monitor(), ram);
    }
  }

  @Test
  void nodeThatIsKilledBeforeReadyLeavesNothingToTakeOver() throws Exception {
    try (QemuProcess from = guest.start("from")) {
      guest.awaitOperations(from.monitor(), 1);
      List<String> dest =
          List.of(
              "dest", "--vm=qemu", "--state=" + guest.directory(), "--listen=127.0.0.1:0", "--");
      Node first =
          processes.start(
              dest, guest.command(guest.file("to.ram")).arguments().toArray(String[]::new));
      Node source = nodes.source(first.awaitPort(), "--mode=hybrid", "--bandwidth=64k");
      Path state = nodes.awaitStage(TakeOverStage.RECEIVING);
      first.kill();
      source.awaitFailure(1, Node.LIMIT);
      assertThat(TakeOverNodes.status(from)).isEqualTo("running");
      Node second = nodes.takeOver(TakeOverNodes.id(state));
      second.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", second.err()))
          .contains("the guest continues at the source")
          .contains("it was ended");
      assertThat(Files.exists(state)).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TakeOverStage.class,
      names = {"RECEIVING", "STARTED"})
  void killedQemuEndsBothNodes(TakeOverStage stage) throws Exception {
    boolean precopy = stage == TakeOverStage.RECEIVING;
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = nodes.dest();
      Node source =
          nodes.source(
              dest.awaitPort(), precopy ? "--mode=hybrid" : "--mode=postcopy", "--bandwidth=64k");
      Path state = nodes.awaitStage(stage);
      to.kill();
      dest.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", dest.err())).contains("QEMU, process").contains("has ended");
      source.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", source.err())).contains("has ended");
      assertThat(TakeOverNodes.status(from)).isEqualTo(precopy ? "running" : "postmigrate");
      assertThat(Files.exists(state)).isFalse();
    }
  }

  /** QEMU takes the memory error of a poisoned page for its own, unless it runs on KVM. */
  @Test
  void guestWithBinaryTranslationEndsWithItsQemuWhenItNeedsALostPage() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to");
        PidFd process = Objects.requireNonNull(PidFd.open(to.pid()))) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = nodes.dest("--on-lost-source=poison", "--lost-after=500ms");
      Node source = nodes.source(dest.awaitPort(), "--bandwidth=64k");
      nodes.awaitStage(TakeOverStage.STARTED);
      source.kill();
      dest.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", dest.err()))
          .contains("the VM continues without them")
          .contains("QEMU ends when it needs one of the lost pages");
      assertThat(process.awaitExit(20_000)).isTrue();
    }
  }

  @Test
  void guestSurvivesATakeOverThatCannotListen() throws Exception {
    Path ram = guest.file("to.ram");
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node first = nodes.dest();
      Node source = nodes.source(first.awaitPort());
      Path state = nodes.awaitStage(TakeOverStage.STARTED);
      first.kill();
      first.await(Node.LIMIT);
      try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        Node refused =
            nodes.takeOver(TakeOverNodes.id(state), "--listen=127.0.0.1:" + taken.getLocalPort());
        refused.awaitFailure(2, Node.LIMIT);
        assertThat(String.join(" ", refused.err())).contains("cannot listen on");
      }
      assertThat(to.isAlive()).isTrue();
      assertThat(nodes.printedStatus())
          .contains("faultline dest --take-over " + TakeOverNodes.id(state));
      Node second = nodes.takeOver(TakeOverNodes.id(state));
      second.awaitSuccess();
      source.awaitSuccess();
      guest.assertEqualsARunWithoutMigration(to.monitor(), ram);
    }
  }

  @Test
  void statusOfAKilledNodeNamesTheCommand() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = nodes.dest();
      Node source = nodes.source(dest.awaitPort(), "--bandwidth=8m");
      Path state = nodes.awaitStage(TakeOverStage.STARTED);
      dest.kill();
      dest.await(Node.LIMIT);
      assertThat(nodes.printedStatus())
          .contains("faultline dest --take-over " + TakeOverNodes.id(state));
      to.kill();
      Node after = nodes.takeOver(TakeOverNodes.id(state));
      after.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", after.err())).contains("has ended, and the guest with it");
      assertThat(Files.exists(state)).isFalse();
      source.kill();
    }
  }
}
