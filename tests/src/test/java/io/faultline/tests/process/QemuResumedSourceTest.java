package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.wire.Frame;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.qmp.QomProperty;
import io.faultline.source.journal.JournalStage;
import io.faultline.source.journal.Journals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** A source node of a QEMU's guest is killed with SIGKILL, and resumed; QEMU lives on. */
@Timeout(300)
class QemuResumedSourceTest {
  private static final long RAM_BYTES = 24L << 20;
  private static final long OPERATIONS = 2_000_000;
  private static final String USERFAULTFD = "anon_inode:[userfaultfd]";

  /** So slow that the phase lasts for seconds. */
  private static final String SLOW = "--bandwidth=6m";

  @RegisterExtension private final QemuGuestFiles guest = new QemuGuestFiles(RAM_BYTES, OPERATIONS);
  @RegisterExtension private final Processes processes = new Processes();
  private Path journals;

  @BeforeEach
  void createJournals() throws Exception {
    journals = Files.createDirectory(processes.file("journals"));
  }

  @Test
  void guestGetsAllItsPagesWhenItsSourceNodeIsKilledAfterRun() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Settings before = Settings.of(from.monitor());
      Node dest = guest.startDest(processes);
      Node source = source(dest.awaitPort(), "--mode=postcopy", SLOW);
      String id = JournalDirectory.awaitStage(journals, JournalStage.COMMITTED).id();
      kill(source);
      assertThat(Settings.of(from.monitor())).isNotEqualTo(before);
      Node resumed = resume(id);
      resumed.awaitSuccess();
      dest.awaitSuccess();
      assertThat(journals).isEmptyDirectory();
      assertThat(status(from)).isEqualTo("postmigrate");
      assertThat(Settings.of(from.monitor())).isEqualTo(before);
      guest.assertEqualsARunWithoutMigration(to.monitor(), guest.file("to.ram"));
    }
  }

  /** QEMU is stopped, and its RAM is in the file: nothing is lost with its process. */
  @Test
  void guestGetsAllItsPagesAlsoIfTheQemuOfItsSourceIsKilledToo() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = guest.startDest(processes);
      Node source = source(dest.awaitPort(), "--mode=postcopy", SLOW);
      String id = JournalDirectory.awaitStage(journals, JournalStage.COMMITTED).id();
      kill(source);
      Files.delete(guest.file("from.qmp"));
      Node refused = resume(id);
      refused.awaitFailure(1, Node.LIMIT);
      assertThat(refused.err().getLast()).contains("end it, and resume again");
      from.kill();
      resume(id).awaitSuccess();
      dest.awaitSuccess();
      guest.assertEqualsARunWithoutMigration(to.monitor(), guest.file("to.ram"));
    }
  }

  @Test
  void guestWhoseSourceNodeIsKilledInPrecopyRunsOnAndMovesLater() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Settings before = Settings.of(from.monitor());
      String first = killInPrecopy(from);
      Node resumed = resume(first);
      resumed.awaitFailure(1, Node.LIMIT);
      assertThat(resumed.err()).anyMatch(line -> line.contains("the guest runs on in QEMU here"));
      assertThat(Descriptors.of(from.pid())).doesNotContain(USERFAULTFD);
      assertThat(Settings.of(from.monitor())).isEqualTo(before);
      assertThat(journals).isEmptyDirectory();

      killInPrecopy(from); // and the next one cleans up without being told to
      Node dest = guest.startDest(processes);
      source(dest.awaitPort(), "--mode=hybrid", "--place=continue").awaitSuccess();
      dest.awaitSuccess();
      assertThat(journals).isEmptyDirectory();
      assertThat(Descriptors.of(from.pid())).doesNotContain(USERFAULTFD);
      assertThat(Settings.of(from.monitor())).isEqualTo(before);
      guest.assertEqualsARunWithoutMigration(to.monitor(), guest.file("to.ram"));
    }
  }

  @Test
  void guestThatItsUserHasPausedInPrecopyStaysPausedWhenItsSourceNodeIsResumed() throws Exception {
    try (QemuProcess from = guest.start("from")) {
      guest.awaitOperations(from.monitor(), 1);
      String id = killInPrecopy(from);
      var _ = from.monitor().execute("stop");
      Path json = processes.file("resumed.json");
      Node resumed = resume(id, "--json=" + json);
      resumed.awaitFailure(1, Node.LIMIT);
      assertThat(resumed.err())
          .anyMatch(line -> line.contains("the guest stays paused in QEMU here"));
      assertThat(status(from)).isEqualTo("paused");
      assertThat(Result.read(json).text("vm_location")).isEqualTo("source");
    }
  }

  private String killInPrecopy(QemuProcess from) throws Exception {
    try (FakeDestination destination = FakeDestination.startSilent()) {
      Node source = source(destination.port(), "--mode=hybrid", "--bandwidth=1m");
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> Descriptors.of(from.pid()).contains(USERFAULTFD));
      String id = JournalDirectory.awaitStage(journals, JournalStage.RUNS_HERE).id();
      kill(source);
      assertThat(status(from)).isEqualTo("running");
      assertThat(Descriptors.of(from.pid())).as("left by the killed node").contains(USERFAULTFD);
      return id;
    }
  }

  @Test
  void guestThatIsPausedForTheSwitchoverContinuesWhenItsSourceNodeIsResumed() throws Exception {
    try (QemuProcess from = guest.start("from")) {
      guest.awaitOperations(from.monitor(), 1);
      String id = killAtTheSwitchover(from);
      assertThat(status(from)).isEqualTo("postmigrate");
      Node resumed = resume(id);
      resumed.awaitFailure(1, Node.LIMIT);
      assertThat(resumed.err()).anyMatch(line -> line.contains("the guest runs on in QEMU here"));
      assertThat(journals).isEmptyDirectory();
      assertThat(status(from)).isEqualTo("running");
      guest.assertEqualsARunWithoutMigration(from.monitor(), guest.file("from.ram"));
    }
  }

  @Test
  void destinationThatIsReadyIsNotifiedWhenAnotherMigrationOfTheGuestBegins() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess first = guest.startWaiting("to");
        QemuProcess second = guest.startWaiting("second")) {
      guest.awaitOperations(from.monitor(), 1);
      Node ready = guest.startDest(processes);
      try (HoldingRelay relay = HoldingRelay.to(ready.awaitPort(), Frame::hasReady)) {
        Node source = source(relay.port(), "--mode=postcopy");
        relay.held().get(60, TimeUnit.SECONDS);
        kill(source);
        Node dest = guest.startDest(processes, "second");
        Node next = source(dest.awaitPort(), "--mode=hybrid", "--place=continue");
        next.awaitSuccess();
        dest.awaitSuccess();
        assertThat(String.join(" ", next.err()))
            .contains("whose node was killed, has ended before RUN")
            .contains("the destination was notified that the VM will not come");
      }
      ready.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", ready.err())).contains("another migration of the VM begins");
      assertThat(status(first)).isEqualTo("paused");
      assertThat(journals).isEmptyDirectory();
      guest.assertEqualsARunWithoutMigration(second.monitor(), guest.file("second.ram"));
    }
  }

  @Test
  void resumeReportsThatTheGuestHasEndedWithItsQemu() throws Exception {
    try (QemuProcess from = guest.start("from")) {
      guest.awaitOperations(from.monitor(), 1);
      String id = killAtTheSwitchover(from);
      from.kill();
      Node resumed = resume(id);
      resumed.awaitFailure(1, Node.LIMIT);
      assertThat(resumed.err())
          .anyMatch(line -> line.contains("QEMU has ended since, and the guest with it"));
      assertThat(new Journals(journals).list()).isEmpty();
    }
  }

  private String killAtTheSwitchover(QemuProcess from) throws Exception {
    try (FakeDestination destination = FakeDestination.startSilent()) {
      Node source = source(destination.port(), "--mode=postcopy");
      String id = JournalDirectory.awaitStage(journals, JournalStage.PAUSED).id();
      Awaitility.await() // the journal says so before
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> status(from).equals("postmigrate"));
      kill(source);
      return id;
    }
  }

  @Test
  void guestThatItsUserHasPausedStaysPaused() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Settings before = Settings.of(to.monitor());
      var _ = from.monitor().execute("stop");
      Node dest = guest.startDest(processes);
      source(dest.awaitPort(), "--mode=hybrid", "--place=continue").awaitSuccess();
      dest.awaitSuccess();
      assertThat(status(to)).isEqualTo("paused");
      assertThat(Settings.of(to.monitor())).isEqualTo(before);
      var _ = to.monitor().execute("cont");
      guest.assertEqualsARunWithoutMigration(to.monitor(), guest.file("to.ram"));
    }
  }

  /** What QEMU's own migration is set to. */
  private record Settings(JsonNode capabilities, JsonNode bandwidth, JsonNode suppressed) {
    static Settings of(QmpConnection monitor) throws Exception {
      return new Settings(
          monitor.execute("query-migrate-capabilities"),
          monitor.execute("query-migrate-parameters").path("max-bandwidth"),
          QomProperty.find(monitor, "/machine", "suppress-vmdesc").orElseThrow());
    }
  }

  private static void kill(Node source) throws Exception {
    source.kill();
    assertThat(source.await(Node.LIMIT)).isNotZero();
  }

  private Node source(int port, String... more) throws Exception {
    return guest.startSource(processes, port, List.of("--journal=" + journals), more);
  }

  private Node resume(String id, String... more) throws Exception {
    return processes.start(
        List.of("source", "--resume=" + id, "--journal=" + journals, "--rehearsal=0ms"), more);
  }

  private static String status(QemuProcess qemu) throws Exception {
    return qemu.monitor().execute("query-status").path("status").asString();
  }
}
