package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.qemu.process.QemuProcess;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.uffd.linux.process.PidFd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code dest --vm qemu -- QEMU ARGUMENT...} */
class QemuStartedByDestTest {
  private static final int END_MILLIS = 60_000;
  private static final Pattern STARTED =
      Pattern.compile("started QEMU, process (\\d+), monitor (\\S+), output (\\S+)");

  @RegisterExtension private final Processes processes = new Processes();

  @RegisterExtension private final QemuGuestFiles guest = new QemuGuestFiles(30L << 20, 5_000_000);

  private record Started(int pid, Path monitor, Path log) {
    static Started by(Node dest) {
      Matcher line = STARTED.matcher(String.join("\n", dest.err()));
      assertThat(line.find()).as("%s", dest).isTrue();
      return new Started(
          Integer.parseInt(line.group(1)), Path.of(line.group(2)), Path.of(line.group(3)));
    }
  }

  @Test
  void theQemuContinuesWithTheGuestWhenTheCommandHasEnded() throws Exception {
    Path ram = guest.file("to.ram");
    try (QemuProcess from = guest.start("from")) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = dest(ram);
      Node source =
          processes.start(
              "source",
              "--vm=qemu",
              "--qmp=" + guest.file("from.qmp"),
              "--to=127.0.0.1:" + dest.awaitPort());
      source.awaitSuccess();
      dest.awaitSuccess();
      Started started = Started.by(dest);
      try (PidFd process = Objects.requireNonNull(PidFd.open(started.pid()));
          QmpConnection to = QmpConnection.open(started.monitor())) {
        assertThat(to.execute("query-status").path("status").asString()).isEqualTo("running");
        guest.assertEqualsARunWithoutMigration(to, ram);
        var _ = to.execute("quit");
        assertThat(process.awaitExit(END_MILLIS)).isTrue();
      }
    }
  }

  @Test
  void theQemuEndsWithACommandThatGotNoGuest() throws Exception {
    Node dest = dest(guest.file("to.ram"));
    dest.awaitPort();
    Started started = Started.by(dest);
    try (PidFd process = Objects.requireNonNull(PidFd.open(started.pid()))) {
      dest.interrupt();
      dest.await(Node.LIMIT);
      assertThat(process.awaitExit(END_MILLIS)).isTrue();
    }
    assertThat(Files.exists(started.monitor())).isFalse();
  }

  @Test
  void theCommandEndsWithAQemuThatIsKilled() throws Exception {
    Node dest = dest(guest.file("to.ram"));
    dest.awaitPort();
    try (PidFd process = Objects.requireNonNull(PidFd.open(Started.by(dest).pid()))) {
      process.sendSignal(PidFd.SIGKILL);
    }
    dest.awaitFailure(1, Node.LIMIT);
    assertThat(String.join(" ", dest.err())).contains("has ended").contains("no guest came");
  }

  private Node dest(Path ram) throws Exception {
    List<String> command = new ArrayList<>(List.of("dest", "--vm=qemu", "--listen=127.0.0.1:0"));
    command.add("--");
    return processes.start(command, guest.command(ram).arguments().toArray(String[]::new));
  }
}
