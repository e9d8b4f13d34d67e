package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.qemu.process.QemuCommand;
import io.faultline.qemu.process.QemuProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * QEMUs and nodes of an ordinary user, who may open {@code /dev/userfaultfd} or not. The permission
 * is that of a copy of the device, which only these nodes see in its place.
 */
@Timeout(300)
class UnprivilegedQemuTest {
  private static final Path SYSCTL = Path.of("/proc/sys/vm/unprivileged_userfaultfd");
  private static final List<String> AS_NOBODY =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
  private static final String WITH_DEVICE =
      "mount --bind \"$0\" /dev/userfaultfd && exec setpriv --reuid=65534 --regid=65534"
          + " --clear-groups \"$@\"";

  @RegisterExtension private final QemuGuestFiles guest = new QemuGuestFiles(16L << 20, 500_000);
  @RegisterExtension private final Processes processes = new Processes();
  private List<String> withDevice;

  @BeforeEach
  void createDevice() throws Exception {
    assumeTrue(
        Files.exists(SYSCTL) && Files.readString(SYSCTL).strip().equals("0"),
        SYSCTL + " is not 0: every user can handle all faults");
    assumeTrue(Files.isReadable(Path.of("/dev/userfaultfd")), "needs root and /dev/userfaultfd");
    assumeTrue(
        Shell.run("setpriv", "--reuid=65534", "test", "-r", Jar.find().toString()).isEmpty(),
        "not root, no setpriv, or the jar cannot be read by user 65534");
    processes.openToAll();
    Files.setPosixFilePermissions(guest.file("."), PosixFilePermissions.fromString("rwxrwxrwx"));
    Path device = processes.file("userfaultfd");
    withDevice =
        List.of("unshare", "-m", "--propagation", "private", "sh", "-c", WITH_DEVICE, "" + device);
    String copy = "cp -a /dev/userfaultfd " + device + " && chown 65534 " + device;
    String made = Shell.run("sh", "-c", copy);
    assumeTrue(made.isEmpty(), "cannot make a device: " + made);
  }

  @Test
  void guestMovesIfTheUserMayOpenTheDevice() throws Exception {
    try (QemuProcess from = start("from", guest.command(guest.file("from.ram")));
        QemuProcess to = start("to", guest.command(guest.file("to.ram")).waiting())) {
      guest.awaitOperations(from.monitor(), 1);
      Node dest = node(withDevice, "dest", "to.qmp", "--listen=127.0.0.1:0");
      Node source =
          node(
              withDevice,
              "source",
              "from.qmp",
              "--to=127.0.0.1:" + dest.awaitPort(),
              "--mode=hybrid",
              "--place=continue");
      source.awaitSuccess();
      dest.awaitSuccess();
      guest.assertEqualsARunWithoutMigration(to.monitor(), guest.file("to.ram"));
    }
  }

  @Test
  void doctorSaysBeforehandWhatTheUserLacks() throws Exception {
    try (QemuProcess qemu = start("from", guest.command(guest.file("from.ram")))) {
      String socket = "--qmp=" + guest.file("from.qmp");
      Node without = processes.startWith(AS_NOBODY, List.of("doctor", socket));
      var _ = without.await(Node.LIMIT);
      assertThat(without.out()).anyMatch(line -> line.contains("setfacl -m u:USER:rw"));
      Node with = processes.startWith(withDevice, List.of("doctor", socket));
      with.awaitSuccess();
      assertThat(with.out()).anyMatch(line -> line.contains("through /dev/userfaultfd"));
      assertThat(qemu.monitor().execute("query-status").path("status").asString())
          .isEqualTo("running");
    }
  }

  private QemuProcess start(String name, QemuCommand command) throws Exception {
    return guest.start(name, AS_NOBODY, command);
  }

  private Node node(List<String> prefix, String command, String socket, String... more)
      throws Exception {
    List<String> all =
        new ArrayList<>(
            List.of(command, "--vm=qemu", "--qmp=" + guest.file(socket), "--rehearsal=0ms"));
    all.addAll(List.of(more));
    return processes.startWith(prefix, all);
  }
}
