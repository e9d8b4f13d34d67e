package io.faultline.qemu.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.faultline.qemu.QemuDirectory;
import io.faultline.qemu.StockQemu;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.qemu.process.RamMapping;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Between two real QEMUs, whose RAM is a file in a memory file system. */
class DeviceStateTest {
  private static final int MEGABYTES = 64;

  @RegisterExtension private final QemuDirectory directory = new QemuDirectory();

  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void stateMovesWithoutTheRamAndEitherSideContinues(Path program) throws Exception {
    Path ram = directory.file("source.ram");
    Path copy = directory.file("dest.ram");
    try (QemuProcess source = start("source", StockQemu.command(program, ram, MEGABYTES));
        QemuProcess dest = start("dest", incoming(StockQemu.command(program, copy, MEGABYTES)))) {
      DeviceState.prepare(source.monitor());
      DeviceState.prepare(dest.monitor());
      byte[] state = DeviceState.take(source.monitor(), directory.path());
      assertThat(state.length).isBetween(1 << 10, 1 << 20);
      assertThat(status(source)).isEqualTo("postmigrate");

      var _ = source.monitor().execute("cont");
      assertThat(status(source)).as("the source after a failure").isEqualTo("running");
      byte[] again = DeviceState.take(source.monitor(), directory.path());
      // In place: QEMU has mapped it.
      Files.write(copy, Files.readAllBytes(ram), StandardOpenOption.WRITE);

      DeviceState.load(dest.monitor(), directory.path(), again);
      assertThat(status(dest)).isEqualTo("paused");
      var _ = dest.monitor().execute("cont");
      assertThat(status(dest)).isEqualTo("running");
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void stateOfAnotherMachineIsRefused(Path program) throws Exception {
    List<String> more = new ArrayList<>(command(program, "a"));
    more.addAll(List.of("-device", "virtio-rng-pci"));
    try (QemuProcess source = start("source", more);
        QemuProcess dest = start("dest", incoming(command(program, "b")))) {
      DeviceState.prepare(source.monitor());
      DeviceState.prepare(dest.monitor());
      byte[] state = DeviceState.take(source.monitor(), directory.path());
      assertThatIOException()
          .isThrownBy(() -> DeviceState.load(dest.monitor(), directory.path(), state))
          .withMessageContaining("same machine type, devices");
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void ramIsFoundInTheProcess(Path program) throws Exception {
    Path ram = directory.file("source.ram");
    try (QemuProcess source = start("source", StockQemu.command(program, ram, MEGABYTES))) {
      assertThat(source.monitor().version().isAtLeast(4, 0)).isTrue();
      assertThat(source.monitor().pid()).isEqualTo(source.pid());
      RamMapping mapping = RamMapping.find(source.pid(), ram);
      assertThat(mapping.lengthBytes()).isEqualTo((long) MEGABYTES << 20);
      Path other = Files.createFile(directory.file("other"));
      assertThatIOException()
          .isThrownBy(() -> RamMapping.find(source.pid(), other))
          .withMessageContaining("has not mapped " + other);
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void qemuThatDoesNotStartSaysWhy(Path program) {
    List<String> wrong = new ArrayList<>(command(program, "a"));
    wrong.addAll(List.of("-device", "no-such-device"));
    assertThatIOException()
        .isThrownBy(() -> start("source", wrong))
        .withMessageContaining("no-such-device");
  }

  private List<String> command(Path program, String ram) {
    return StockQemu.command(program, directory.file(ram), MEGABYTES);
  }

  private static List<String> incoming(List<String> command) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of("-incoming", "defer", "-S"));
    return all;
  }

  private QemuProcess start(String name, List<String> command) throws Exception {
    return QemuProcess.start(directory.path(), name, command);
  }

  private static String status(QemuProcess qemu) throws Exception {
    return qemu.monitor().execute("query-status").path("status").asString();
  }
}
