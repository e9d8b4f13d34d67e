package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.qemu.process.QemuProcess;
import io.faultline.qemu.qmp.QomProperty;
import io.faultline.source.journal.JournalStage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** A source node of a QEMU's guest receives SIGTERM, as by Ctrl-C; QEMU lives on. */
@Timeout(300)
class QemuCancelledTest {
  private static final long RAM_BYTES = 24L << 20;
  private static final long OPERATIONS = 2_000_000;
  private static final int SIGTERM_EXIT = 128 + 15;

  @RegisterExtension private final QemuGuestFiles guest = new QemuGuestFiles(RAM_BYTES, OPERATIONS);
  @RegisterExtension private final Processes processes = new Processes();
  private Path journals;

  @BeforeEach
  void createJournals() throws Exception {
    journals = Files.createDirectory(processes.file("journals"));
  }

  @Test
  void guestRunsOnAndNothingStaysInQemuWhenItsMigrationIsCancelledInPrecopy() throws Exception {
    assertRunsOn("--mode=hybrid", JournalStage.RUNS_HERE);
  }

  @Test
  void guestRunsOnAndNothingStaysInQemuWhenItsMigrationIsCancelledInTheSwitchover()
      throws Exception {
    assertRunsOn("--mode=postcopy", JournalStage.PAUSED);
  }

  private void assertRunsOn(String mode, JournalStage stage) throws Exception {
    try (QemuProcess from = guest.start("from");
        FakeDestination destination = FakeDestination.startSilent()) {
      guest.awaitOperations(from.monitor(), 1);
      List<JsonNode> before = settings(from);
      Node source = source(destination.port(), mode, "--bandwidth=1m");
      JournalDirectory.awaitStage(journals, stage);
      if (stage == JournalStage.RUNS_HERE) {
        awaitDirtyLog(from);
      }
      source.interrupt();
      source.awaitFailure(SIGTERM_EXIT, Node.LIMIT);
      assertThat(source.err())
          .anyMatch(
              line -> line.contains("the source still owned the VM, which continues in QEMU"));
      assertThat(settings(from)).isEqualTo(before);
      assertThat(userfaultfds(from)).isZero();
      assertThat(journals).isEmptyDirectory();
      guest.assertEqualsARunWithoutMigration(from.monitor(), guest.file("from.ram"));
    }
  }

  /** Its userfaultfd is there: precopy begins. */
  private static void awaitDirtyLog(QemuProcess qemu) {
    Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> userfaultfds(qemu) > 0);
  }

  private static long userfaultfds(QemuProcess qemu) throws Exception {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + qemu.pid() + "/fd"))) {
      return open.filter(QemuCancelledTest::isUserfaultfd).count();
    }
  }

  private static boolean isUserfaultfd(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().equals("anon_inode:[userfaultfd]");
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  private Node source(int port, String... more) throws Exception {
    return guest.startSource(processes, port, List.of("--journal=" + journals), more);
  }

  /** What QEMU's own migration is set to. */
  private static List<JsonNode> settings(QemuProcess qemu) throws Exception {
    return List.of(
        qemu.monitor().execute("query-migrate-capabilities"),
        qemu.monitor().execute("query-migrate-parameters").path("max-bandwidth"),
        QomProperty.find(qemu.monitor(), "/machine", "suppress-vmdesc").orElseThrow());
  }
}
