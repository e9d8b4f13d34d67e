package io.faultline.qemu.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.faultline.qemu.FakeMonitor;
import io.faultline.qemu.QemuDirectory;
import io.faultline.qemu.StockQemu;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.qemu.qmp.QmpConnection;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/** On real QEMUs. */
class QemuCheckTest {
  private static final int MEGABYTES = 64;

  @RegisterExtension private final QemuDirectory directory = new QemuDirectory();

  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void guestInASharedFileCanBeMoved(Path program) throws Exception {
    Path ram = directory.file("ram");
    List<QemuFinding> found = check(StockQemu.command(program, ram, MEGABYTES));
    assertThat(found).allMatch(QemuFinding::isFine);
    assertThat(found).extracting(QemuFinding::detail).contains("64 MiB in " + ram);
    assertThat(found)
        .extracting(QemuFinding::detail)
        .anyMatch(detail -> detail.startsWith("pc-i440fx-") && detail.contains("TCG, 1 vCPU"));
  }

  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void ramThatCannotBeMovedIsNamed(Path program) throws Exception {
    List<String> withoutFile =
        List.of(
            program.toString(), "-accel", "tcg", "-nodefaults", "-display", "none", "-m", "64M");
    assertThat(problems(withoutFile))
        .singleElement()
        .asString()
        .contains("RAM: ", "not in a file, but in a memory-backend-ram: start QEMU with -machine");
    List<String> unshared =
        StockQemu.command(program, directory.file("ram"), MEGABYTES).stream()
            .map(each -> each.replace("share=on,", ""))
            .toList();
    assertThat(problems(unshared)).singleElement().asString().contains("RAM: ", "but not shared");
  }

  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void settingsThatChangeTheFormOfTheStateAreNamed(Path program) throws Exception {
    List<String> command = StockQemu.command(program, directory.file("ram"), MEGABYTES);
    try (QemuProcess qemu = QemuProcess.start(directory.path(), "multifd", command)) {
      ObjectNode capabilities = QmpConnection.arguments();
      capabilities
          .putArray("capabilities")
          .addObject()
          .put("capability", "multifd")
          .put("state", true);
      var _ = qemu.monitor().execute("migrate-set-capabilities", capabilities);
      assertThat(QemuCheck.run(qemu.monitor()))
          .filteredOn(each -> !each.isFine())
          .singleElement()
          .extracting(QemuFinding::detail)
          .asString()
          .contains("switch off multifd");
    }
  }

  @Test
  void deviceThatReachesTheRamFromOutsideIsNamed() throws Exception {
    assertThat(devices("child<vhost-user-fs-pci>", ""))
        .contains("past the userfaultfd: fs0 (child<vhost-user-fs-pci>)");
    assertThat(devices("child<vfio-pci>", "")).contains("fs0 (child<vfio-pci>)");
    assertThat(devices("child<e1000>", "net: index=0,type=vhost-user,chardev=peer"))
        .contains("net: index=0,type=vhost-user");
    assertThat(devices("child<e1000>", "net: index=0,type=tap")).contains("none that reaches");
  }

  @Test
  void deviceThatReachesTheRamFromOutsideIsRefusedByAMigration() throws Exception {
    Path socket = directory.file("monitor");
    try (var _ =
            new FakeMonitor(
                socket,
                command ->
                    command.path("execute").asString().equals("qom-list")
                        ? "[{\"name\": \"fs0\", \"type\": \"child<vhost-user-fs-pci>\"}]"
                        : "{}");
        QmpConnection monitor = QmpConnection.open(socket)) {
      assertThatIOException()
          .isThrownBy(() -> QemuCheck.requireOwnAddressSpace(monitor))
          .withMessageStartingWith("the guest cannot be moved: its devices reach the RAM")
          .withMessageContaining("fs0 (child<vhost-user-fs-pci>)");
    }
  }

  /** The finding about the devices of a machine that no QEMU here can start without a peer. */
  private String devices(String type, String network) throws Exception {
    Path socket = directory.file(type.hashCode() + "." + network.length());
    Map<String, String> answers =
        Map.of(
            "qom-list", "[{\"name\": \"fs0\", \"type\": \"" + type + "\"}]",
            "human-monitor-command", "\"" + network + "\"");
    try (var _ =
            new FakeMonitor(
                socket, command -> answers.getOrDefault(command.path("execute").asString(), "{}"));
        QmpConnection connection = QmpConnection.open(socket)) {
      return QemuCheck.run(connection).stream()
          .filter(each -> each.name().equals("devices"))
          .findFirst()
          .orElseThrow()
          .detail();
    }
  }

  private List<String> problems(List<String> command) throws Exception {
    return check(command).stream()
        .filter(each -> !each.isFine())
        .map(each -> each.name() + ": " + each.detail())
        .toList();
  }

  private List<QemuFinding> check(List<String> command) throws Exception {
    try (QemuProcess qemu = QemuProcess.start(directory.path(), "checked", command)) {
      return QemuCheck.run(qemu.monitor());
    }
  }
}
