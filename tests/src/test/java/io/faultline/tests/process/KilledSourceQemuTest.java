package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.qemu.process.QemuProcess;
import io.faultline.source.journal.JournalStage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The QEMU of a source is killed with SIGKILL; both nodes live on. */
@Timeout(300)
class KilledSourceQemuTest {
  private static final long RAM_BYTES = 24L << 20;
  private static final long OPERATIONS = 2_000_000;
  private static final String USERFAULTFD = "anon_inode:[userfaultfd]";

  @RegisterExtension private final QemuGuestFiles guest = new QemuGuestFiles(RAM_BYTES, OPERATIONS);
  @RegisterExtension private final Processes processes = new Processes();
  private Path journals;

  @BeforeEach
  void createJournals() throws Exception {
    journals = Files.createDirectory(processes.file("journals"));
  }

  @Test
  void bothNodesReportThatTheGuestEndedInPrecopy() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = guest.startDest(processes);
      Node source = source(dest.awaitPort(), "--mode=hybrid", "--bandwidth=1m");
      JournalDirectory.awaitStage(journals, JournalStage.RUNS_HERE);
      Awaitility.await()
          .atMost(Node.LIMIT)
          .until(() -> Descriptors.of(from.pid()).contains(USERFAULTFD));
      from.kill();
      source.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", source.err()))
          .contains("the VM has ended at the source", "the guest ended with its QEMU");
      dest.awaitFailure(1, Node.LIMIT);
      assertThat(String.join(" ", dest.err())).contains("the VM has ended at the source");
      assertThat(to.monitor().execute("query-status").path("status").asString())
          .isEqualTo("inmigrate");
      assertThat(journals).isEmptyDirectory();
    }
  }

  /** The destination has not answered READY when the QEMU is killed. */
  @Test
  void bothNodesReportThatTheGuestEndedInTheSwitchover() throws Exception {
    try (QemuProcess from = guest.start("from");
        FakeDestination destination = FakeDestination.startSilent()) {
      guest.awaitOperations(from.monitor(), 1);
      Path json = processes.file("source.json");
      Node source = source(destination.port(), "--mode=postcopy", "--json=" + json);
      assertThat(destination.gotDeviceState().get(60, TimeUnit.SECONDS)).isTrue();
      JournalDirectory.awaitStage(journals, JournalStage.PAUSED);
      from.kill();
      source.awaitFailure(1, Node.LIMIT);
      assertThat(source.err().getLast()).contains("the guest ended with its QEMU");
      assertThat(Result.read(json).text("vm_location")).isEqualTo("nowhere");
      assertThat(journals).isEmptyDirectory();
    }
  }

  @Test
  void guestGetsAllItsPagesAfterRun() throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = guest.startDest(processes);
      Node source = source(dest.awaitPort(), "--mode=postcopy", "--bandwidth=6m");
      JournalDirectory.awaitStage(journals, JournalStage.COMMITTED);
      from.kill();
      source.awaitSuccess();
      dest.awaitSuccess();
      guest.assertEqualsARunWithoutMigration(to.monitor(), guest.file("to.ram"));
    }
  }

  private Node source(int port, String... more) throws Exception {
    return guest.startSource(processes, port, List.of("--journal=" + journals), more);
  }
}
