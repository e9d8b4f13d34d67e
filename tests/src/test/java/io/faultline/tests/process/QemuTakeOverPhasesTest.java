package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.proto.wire.Frame;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.tests.tags.Nightly;
import io.faultline.uffd.linux.process.PidFd;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code dest --take-over} after a kill in each phase, and after a node that broke. */
@Timeout(300)
class QemuTakeOverPhasesTest {
  private static final long WAIT_SECONDS = 60;
  private static final int PAGE_BYTES = 4096;

  @RegisterExtension private final Processes processes = new Processes();

  @RegisterExtension
  private final QemuGuestFiles guest = new QemuGuestFiles(24L << 20, 4L << 20, 2_000_000);

  private final TakeOverNodes nodes = new TakeOverNodes(processes, guest);

  /** RUN was sent, and has not arrived. */
  @Test
  void guestThatIsReadyRunsOnceTheSourceIsBack() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node first = nodes.dest();
      try (RunLosingRelay relay = RunLosingRelay.to(first.awaitPort())) {
        Node source = nodes.source(relay.port(), "--mode=postcopy");
        relay.lost().get(WAIT_SECONDS, TimeUnit.SECONDS);
        first.kill();
        assertGoesOn(source, nodes.awaitStage(TakeOverStage.READY), to);
      }
    }
  }

  /** RUN was not sent: the guest must not run at both sides. */
  @Test
  void guestThatIsReadyNeverRunsHereIfTheSourceHasItBack() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node first = nodes.dest();
      try (HoldingRelay relay = HoldingRelay.to(first.awaitPort(), Frame::hasReady)) {
        Node source = nodes.source(relay.port(), "--mode=postcopy");
        relay.held().get(WAIT_SECONDS, TimeUnit.SECONDS);
        Path state = nodes.awaitStage(TakeOverStage.READY);
        first.kill();
        source.awaitFailure(1, Node.LIMIT);
        assertThat(String.join(" ", source.err())).contains("the guest continues in QEMU");
        Node second = nodes.takeOver(TakeOverNodes.id(state), "--give-up-after=1s");
        second.awaitFailure(1, Node.LIMIT);
        assertThat(String.join(" ", second.err())).contains("do not start its VM (cont)");
        assertThat(TakeOverNodes.status(to)).isEqualTo("paused");
        assertThat(TakeOverNodes.status(from)).isEqualTo("running");
        assertThat(state).doesNotExist();
      }
    }
  }

  /** RUN has arrived, and QEMU has not obeyed it. */
  @Test
  @Nightly
  void guestIsStartedByTheNextNodeIfItWasNot() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to");
        PidFd qemu = Objects.requireNonNull(PidFd.open(to.pid()))) {
      guest.awaitOperations(from.monitor(), 1);
      Node first = nodes.dest();
      try (RunLosingRelay relay = RunLosingRelay.to(first.awaitPort())) {
        Node source = nodes.source(relay.port(), "--mode=postcopy");
        relay.lost().get(WAIT_SECONDS, TimeUnit.SECONDS);
        qemu.sendSignal(PidFd.SIGSTOP);
        Path state = nodes.awaitStage(TakeOverStage.RUNNING);
        first.kill();
        qemu.sendSignal(PidFd.SIGCONT);
        assertGoesOn(source, state, to);
      }
    }
  }

  /** All pages are there, and the source does not know it. */
  @Test
  void sourceOfACompleteGuestIsToldByTheNextNode() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node first = nodes.dest();
      try (HoldingRelay relay = HoldingRelay.to(first.awaitPort(), Frame::hasCompleted)) {
        Node source = nodes.source(relay.port(), "--mode=postcopy");
        relay.held().get(WAIT_SECONDS, TimeUnit.SECONDS);
        Path state = nodes.awaitStage(TakeOverStage.COMPLETE);
        first.kill();
        assertGoesOn(source, state, to);
      }
    }
  }

  /** The file is too short for its last page, which can be placed when it has its size again. */
  @Test
  void guestOfANodeThatBreaksIsTakenOver() throws Exception {
    Path ram = guest.file("to.ram");
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to");
        FileChannel file = FileChannel.open(ram, StandardOpenOption.WRITE)) {
      guest.awaitOperations(from.monitor(), 1);
      Node first = nodes.dest();
      Node source = nodes.source(first.awaitPort(), "--mode=postcopy", "--bandwidth=8m");
      Path state = nodes.awaitStage(TakeOverStage.STARTED);
      file.truncate(guest.memoryBytes() - PAGE_BYTES);
      nodes.control(source).release();
      first.awaitFailure(1, Node.LIMIT);
      String id = TakeOverNodes.id(state);
      assertThat(String.join(" ", first.err()))
          .contains("the VM is left to another process", "faultline dest --take-over " + id);
      assertThat(nodes.printedStatus())
          .contains("destination of migration " + id + ": its node has ended")
          .contains("faultline dest --take-over " + id);
      extend(ram);
      assertGoesOn(source, state, to);
      assertThat(nodes.printedStatus()).doesNotContain("take-over");
    }
  }

  private void extend(Path ram) throws Exception {
    assertThat(Shell.run("truncate", "-s", String.valueOf(guest.memoryBytes()), ram.toString()))
        .isEmpty();
  }

  private void assertGoesOn(Node source, Path state, QemuProcess to) throws Exception {
    Node next = nodes.takeOver(TakeOverNodes.id(state));
    next.awaitSuccess();
    source.awaitSuccess();
    assertThat(Files.exists(state)).isFalse();
    assertThat(TakeOverNodes.status(to)).isEqualTo("running");
    guest.assertEqualsARunWithoutMigration(to.monitor(), guest.file("to.ram"));
  }
}
