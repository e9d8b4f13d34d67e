package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.dest.takeover.SurvivingState;
import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code dest --take-over}: a destination node is killed, and another one goes on. */
class QemuTakeOverTest {
  /** Bytes per second: so slow that the migration does not end by itself. */
  private static final long HELD = 64 << 10;

  private static final String RECORD = ".takeover";

  @RegisterExtension private final Processes processes = new Processes();

  @RegisterExtension
  private final QemuGuestFiles guest = new QemuGuestFiles(30L << 20, 8L << 20, 5_000_000);

  @ParameterizedTest
  @ValueSource(strings = {"copy", "continue"})
  void anotherNodeGoesOnInPostcopy(String placement) throws Exception {
    Path ram = guest.file("to.ram");
    try (QemuProcess from = guest.start("from", guest.file("from.ram"));
        QemuProcess to = guest.start("to", ram, "-incoming", "defer", "-S")) {
      guest.awaitOperations(from.monitor(), 1);
      Node first = dest("--qmp=" + guest.file("to.qmp"), "--vm=qemu", "--listen=127.0.0.1:0");
      Node source = source(first, "--place=" + placement, "--bandwidth=8m");
      Path state = awaitStage(TakeOverStage.STARTED);
      ControlSocket.of(source, guest.directory()).setBandwidth(HELD);
      String id = id(state);
      Node beside = dest("--take-over=" + id);
      beside.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", beside.err())).contains("another node works with this QEMU");
      first.kill();
      first.await(Node.LIMIT);
      Node second = dest("--take-over=" + id.substring(0, 6));
      second.awaitPort();
      second.awaitError("the source is back");
      second.kill();
      Node third = dest("--take-over=" + id);
      ControlSocket.of(source, guest.directory()).release();
      third.awaitSuccess();
      source.awaitSuccess();
      assertThat(Files.exists(state)).isFalse();
      assertThat(status(to)).isEqualTo("running");
      guest.assertEqualsARunWithoutMigration(to.monitor(), ram);
    }
  }

  @Test
  void nodeThatIsKilledBeforeReadyLeavesNothingToTakeOver() throws Exception {
    try (QemuProcess from = guest.start("from", guest.file("from.ram"))) {
      guest.awaitOperations(from.monitor(), 1);
      List<String> dest =
          List.of(
              "dest", "--vm=qemu", "--state=" + guest.directory(), "--listen=127.0.0.1:0", "--");
      Node first =
          processes.start(dest, guest.command(guest.file("to.ram")).toArray(String[]::new));
      Node source = source(first, "--mode=hybrid", "--bandwidth=64k");
      Path state = awaitStage(TakeOverStage.RECEIVING);
      first.kill();
      source.awaitFailure(1, Node.LIMIT);
      assertThat(status(from)).isEqualTo("running");
      Node second = dest("--take-over=" + id(state));
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
    try (QemuProcess from = guest.start("from", guest.file("from.ram"));
        QemuProcess to = guest.start("to", guest.file("to.ram"), "-incoming", "defer", "-S")) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = dest("--qmp=" + guest.file("to.qmp"), "--vm=qemu", "--listen=127.0.0.1:0");
      Node source = source(dest, precopy ? "--mode=hybrid" : "--mode=postcopy", "--bandwidth=64k");
      Path state = awaitStage(stage);
      to.kill();
      dest.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", dest.err())).contains("QEMU, process").contains("has ended");
      source.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", source.err())).contains("has ended");
      assertThat(status(from)).isEqualTo(precopy ? "running" : "postmigrate");
      assertThat(Files.exists(state)).isFalse();
    }
  }

  /** QEMU takes the memory error of a poisoned page for its own, unless it runs on KVM. */
  @Test
  void guestWithBinaryTranslationEndsWithItsQemuWhenItNeedsALostPage() throws Exception {
    try (QemuProcess from = guest.start("from", guest.file("from.ram"));
        QemuProcess to = guest.start("to", guest.file("to.ram"), "-incoming", "defer", "-S");
        PidFd process = Objects.requireNonNull(PidFd.open(to.pid()))) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest =
          dest(
              "--qmp=" + guest.file("to.qmp"),
              "--vm=qemu",
              "--listen=127.0.0.1:0",
              "--on-lost-source=poison",
              "--lost-after=500ms");
      Node source = source(dest, "--bandwidth=64k");
      awaitStage(TakeOverStage.STARTED);
      source.kill();
      dest.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", dest.err()))
          .contains("the VM continues without them")
          .contains("QEMU ends when it needs one of the lost pages");
      assertThat(process.awaitExit(20_000)).isTrue();
    }
  }

  private static String status(QemuProcess qemu) throws Exception {
    return qemu.monitor().execute("query-status").path("status").asString();
  }

  @Test
  void guestSurvivesATakeOverThatCannotListen() throws Exception {
    Path ram = guest.file("to.ram");
    try (QemuProcess from = guest.start("from", guest.file("from.ram"));
        QemuProcess to = guest.start("to", ram, "-incoming", "defer", "-S")) {
      guest.awaitOperations(from.monitor(), 1);
      Node first = dest("--qmp=" + guest.file("to.qmp"), "--vm=qemu", "--listen=127.0.0.1:0");
      Node source = source(first);
      Path state = awaitStage(TakeOverStage.STARTED);
      first.kill();
      first.await(Node.LIMIT);
      try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        Node refused =
            dest("--take-over=" + id(state), "--listen=127.0.0.1:" + taken.getLocalPort());
        refused.awaitFailure(2, Node.LIMIT);
        assertThat(String.join(" ", refused.err())).contains("cannot listen on");
      }
      assertThat(to.isAlive()).isTrue();
      assertThat(status()).contains("faultline dest --take-over " + id(state));
      Node second = dest("--take-over=" + id(state));
      second.awaitSuccess();
      source.awaitSuccess();
      guest.assertEqualsARunWithoutMigration(to.monitor(), ram);
    }
  }

  @Test
  void statusOfAKilledNodeNamesTheCommand() throws Exception {
    try (QemuProcess from = guest.start("from", guest.file("from.ram"));
        QemuProcess to = guest.start("to", guest.file("to.ram"), "-incoming", "defer", "-S")) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = dest("--qmp=" + guest.file("to.qmp"), "--vm=qemu", "--listen=127.0.0.1:0");
      Node source = source(dest, "--bandwidth=8m");
      Path state = awaitStage(TakeOverStage.STARTED);
      dest.kill();
      dest.await(Node.LIMIT);
      assertThat(status()).contains("faultline dest --take-over " + id(state));
      to.kill();
      Node after = dest("--take-over=" + id(state));
      after.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", after.err())).contains("has ended, and the guest with it");
      assertThat(Files.exists(state)).isFalse();
      source.kill();
    }
  }

  private String status() throws Exception {
    Node status = processes.start("status", "--state=" + guest.directory());
    status.await(Node.LIMIT);
    return String.join(" ", status.out());
  }

  private Node dest(String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of("dest", "--state=" + guest.directory()));
    all.addAll(List.of(options));
    return processes.start(all);
  }

  private Node source(Node dest, String... more) throws Exception {
    return processes.start(
        List.of(
            "source",
            "--vm=qemu",
            "--qmp=" + guest.file("from.qmp"),
            "--state=" + guest.directory(),
            "--to=127.0.0.1:" + dest.awaitPort()),
        more);
  }

  /** Waits until the destination has come to a stage; returns the file that says so. */
  private Path awaitStage(TakeOverStage stage) {
    return Awaitility.await()
        .atMost(Node.LIMIT)
        .pollInterval(2, TimeUnit.MILLISECONDS)
        .until(() -> stateAt(stage), found -> !found.isEmpty())
        .getFirst();
  }

  private List<Path> stateAt(TakeOverStage stage) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(guest.directory(), "*" + RECORD)) {
      for (Path record : all) { // written after the state
        Path state = guest.file(id(record) + ".pages");
        if (SurvivingState.stageIn(state).compareTo(stage) >= 0) {
          found.add(state);
        }
      }
    }
    return found;
  }

  private static String id(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.indexOf('.'));
  }
}
