package io.faultline.qemu.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.faultline.qemu.FakeMonitor;
import io.faultline.qemu.QemuDirectory;
import io.faultline.qemu.StockQemu;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.qemu.process.RamMapping;
import io.faultline.qemu.qmp.QmpConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

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
      byte[] state = take(source.monitor());
      assertThat(state.length).isBetween(1 << 10, 1 << 20);
      // It has reported the end of its migration a moment before that.
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> status(source), "postmigrate"::equals);

      DeviceState.resume(source.monitor());
      assertThat(status(source)).as("the source after a failure").isEqualTo("running");
      byte[] again = take(source.monitor());
      // In place: QEMU has mapped it.
      Files.write(copy, Files.readAllBytes(ram), StandardOpenOption.WRITE);

      load(dest.monitor(), again);
      assertThat(status(dest)).isEqualTo("paused");
      var _ = dest.monitor().execute("cont");
      assertThat(status(dest)).isEqualTo("running");
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void onlyAVmThatRanHasBeenStoppedAndNotBeforeItWasAsked(Path program) throws Exception {
    try (QemuProcess source = start("source", command(program, "a"))) {
      QmpConnection monitor = source.monitor();
      DeviceState.prepare(monitor);
      long asked = System.nanoTime();
      try (OutgoingDeviceState state = OutgoingDeviceState.begin(monitor, StatePartSink.NONE)) {
        assertThat(state.awaitStop()).isBetween(asked - 1_000_000, System.nanoTime() + 1_000_000);
        assertThat(state.hasStoppedVm()).isTrue();
        assertThat(state.take()).isNotEmpty();
      }
      DeviceState.resume(monitor);
      assertThat(status(source)).isEqualTo("running");
      var _ = monitor.execute("stop");
      try (OutgoingDeviceState state = OutgoingDeviceState.begin(monitor, StatePartSink.NONE)) {
        var _ = state.awaitStop();
        assertThat(state.hasStoppedVm()).as("of a VM that was paused").isFalse();
        assertThat(state.take()).isNotEmpty();
      }
    }
  }

  /** The VM is paused, so that its RAM is as its state says before that is complete. */
  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void stateIsLoadedWhileItIsTaken(Path program) throws Exception {
    Path ram = directory.file("source.ram");
    Path copy = directory.file("dest.ram");
    try (QemuProcess source = start("source", StockQemu.command(program, ram, MEGABYTES));
        QemuProcess dest = start("dest", incoming(StockQemu.command(program, copy, MEGABYTES)))) {
      DeviceState.prepare(source.monitor());
      DeviceState.prepare(dest.monitor());
      var _ = source.monitor().execute("stop");
      Files.write(copy, Files.readAllBytes(ram), StandardOpenOption.WRITE);
      int taken;
      try (IncomingDeviceState into = IncomingDeviceState.open(dest.monitor())) {
        List<byte[]> parts = new ArrayList<>();
        StatePartSink sink = (bytes, count) -> parts.add(add(into, Arrays.copyOf(bytes, count)));
        try (OutgoingDeviceState state = OutgoingDeviceState.begin(source.monitor(), sink)) {
          var _ = state.awaitStop();
          taken = state.take().length;
        }
        into.load(new byte[0]);
        assertThat(parts).hasSizeGreaterThan(1);
        assertThat(parts.stream().mapToInt(part -> part.length).sum()).isEqualTo(taken);
      }
      var _ = dest.monitor().execute("cont");
      assertThat(status(dest)).isEqualTo("running");
      assertThat(status(source)).isEqualTo("postmigrate");
    }
  }

  /** It is longer than the state. */
  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void stateMovesWithoutItsDescription(Path program) throws Exception {
    try (QemuProcess source = start("source", command(program, "a"))) {
      QmpConnection monitor = source.monitor();
      assertThat(StateDescription.isSuppressed(monitor)).contains(false);
      DeviceState.prepare(monitor);
      assertThat(StateDescription.isSuppressed(monitor)).contains(true);
      byte[] without = take(monitor);
      DeviceState.resume(monitor);
      StateDescription.suppress(monitor, false);
      assertThat(StateDescription.isSuppressed(monitor)).contains(false);
      byte[] with = take(monitor);
      assertThat(new String(without, StandardCharsets.ISO_8859_1)).doesNotContain("\"vmsd_name\"");
      assertThat(new String(with, StandardCharsets.ISO_8859_1)).contains("\"vmsd_name\"");
      assertThat(with.length - without.length).isGreaterThan(50_000);
    }
  }

  /** As a control loop does, which must not wait. */
  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void endOfTheLoadIsSeenWithoutWaiting(Path program) throws Exception {
    Path ram = directory.file("source.ram");
    Path copy = directory.file("dest.ram");
    try (QemuProcess source = start("source", StockQemu.command(program, ram, MEGABYTES));
        QemuProcess dest = start("dest", incoming(StockQemu.command(program, copy, MEGABYTES)))) {
      DeviceState.prepare(source.monitor());
      DeviceState.prepare(dest.monitor());
      byte[] state = take(source.monitor());
      Files.write(copy, Files.readAllBytes(ram), StandardOpenOption.WRITE);
      try (IncomingDeviceState into = IncomingDeviceState.open(dest.monitor())) {
        assertThat(into.end()).as("before there is a state").isFalse();
        into.add(Arrays.copyOf(state, state.length / 2));
        into.add(Arrays.copyOfRange(state, state.length / 2, state.length));
        end(into);
        Awaitility.await().atMost(60, TimeUnit.SECONDS).until(into::isLoaded);
      }
      assertThat(status(dest)).isEqualTo("paused");
      var _ = dest.monitor().execute("cont");
      assertThat(status(dest)).isEqualTo("running");
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void refusalIsSeenWithoutWaiting(Path program) throws Exception {
    List<String> more = new ArrayList<>(command(program, "a"));
    more.addAll(List.of("-device", "virtio-rng-pci"));
    try (QemuProcess source = start("source", more);
        QemuProcess dest = start("dest", incoming(command(program, "b")))) {
      DeviceState.prepare(source.monitor());
      DeviceState.prepare(dest.monitor());
      byte[] state = take(source.monitor());
      try (IncomingDeviceState into = IncomingDeviceState.open(dest.monitor())) {
        into.add(state);
        end(into);
        assertThatIOException()
            .isThrownBy(() -> Awaitility.await().atMost(60, TimeUnit.SECONDS).until(into::isLoaded))
            .withMessageContaining("same machine type, devices");
      }
    }
  }

  /** The socket takes all of the state once QEMU has read some of it. */
  private static void end(IncomingDeviceState into) {
    Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .until(
            () -> {
              into.add(new byte[0]);
              return into.end();
            });
  }

  private static byte[] add(IncomingDeviceState into, byte[] part) {
    try {
      into.add(part);
      return part;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Before {@code cont} the destination holds no lock of the image that both use. */
  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void sourceWithADiskContinuesAlthoughTheDestinationHasLoadedItsState(Path program)
      throws Exception {
    Path disk = Files.write(directory.file("disk"), new byte[1 << 20]);
    List<String> withDisk = List.of("-drive", "file=" + disk + ",format=raw,if=ide");
    Path ram = directory.file("source.ram");
    Path copy = directory.file("dest.ram");
    List<String> running = new ArrayList<>(StockQemu.command(program, ram, MEGABYTES));
    running.addAll(withDisk);
    List<String> waiting = new ArrayList<>(incoming(StockQemu.command(program, copy, MEGABYTES)));
    waiting.addAll(withDisk);
    try (QemuProcess source = start("source", running);
        QemuProcess dest = start("dest", waiting)) {
      DeviceState.prepare(source.monitor());
      DeviceState.prepare(dest.monitor());
      byte[] state = take(source.monitor());
      Files.write(copy, Files.readAllBytes(ram), StandardOpenOption.WRITE);
      load(dest.monitor(), state);
      assertThat(status(dest)).isEqualTo("paused");

      DeviceState.resume(source.monitor());
      assertThat(status(source)).isEqualTo("running");
      assertThatIOException()
          .as("the image belongs to the source")
          .isThrownBy(() -> dest.monitor().execute("cont"))
          .withMessageContaining("lock");
    }
  }

  @Test
  void migrationThatIsUnderWayIsCancelledBeforeTheVmContinues() throws Exception {
    List<String> commands = new CopyOnWriteArrayList<>();
    Path socket = directory.file("monitor");
    Function<JsonNode, String> answers =
        command -> {
          String name = command.path("execute").asString();
          commands.add(name);
          boolean isFirst = Collections.frequency(commands, name) == 1;
          return switch (name) {
            case "query-status" ->
                "{\"status\": \"" + (isFirst ? "finish-migrate" : "paused") + "\"}";
            case "query-migrate" -> "{\"status\": \"" + (isFirst ? "active" : "cancelled") + "\"}";
            default -> "{}";
          };
        };
    try (var _ = new FakeMonitor(socket, answers);
        QmpConnection monitor = QmpConnection.open(socket)) {
      DeviceState.resume(monitor);
    }
    assertThat(commands)
        .containsExactly(
            "qmp_capabilities",
            "query-status",
            "query-migrate",
            "migrate_cancel",
            "query-status",
            "query-migrate",
            "cont");
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
      byte[] state = take(source.monitor());
      assertThatIOException()
          .isThrownBy(() -> load(dest.monitor(), state))
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

  private static byte[] take(QmpConnection monitor) throws Exception {
    try (OutgoingDeviceState state = OutgoingDeviceState.begin(monitor, StatePartSink.NONE)) {
      var _ = state.awaitStop();
      return state.take();
    }
  }

  private static void load(QmpConnection monitor, byte[] state) throws Exception {
    try (IncomingDeviceState into = IncomingDeviceState.open(monitor)) {
      into.load(state);
    }
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
