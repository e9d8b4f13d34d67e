package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.demo.kvm.FirmwareGuest;
import io.faultline.demo.simulated.MemoryDigest;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.memory.Backing;
import io.faultline.qemu.process.Accelerator;
import io.faultline.qemu.process.QemuCommand;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The program guest for QEMUs of a test, which does a number of operations and then waits: its
 * firmware, the files of RAM, and the comparison with a run that never migrated.
 */
final class QemuGuestFiles implements BeforeEachCallback, AfterEachCallback {
  private static final Path QEMUS = Path.of("../target/qemu").toAbsolutePath().normalize();
  private static final int TSC_KHZ = 2_000_000;

  private final LinuxKernel kernel = new LinuxKernel();
  private final SimulatedVmConfig programs;
  private final FirmwareGuest guest;
  private Path program = program("own");
  private @Nullable Path directory;

  /** Its program touches all of the RAM. */
  QemuGuestFiles(long ramBytes, long operations) {
    this(ramBytes, ramBytes, operations);
  }

  /**
   * @param workingSetBytes what the program touches after it has filled the RAM
   */
  QemuGuestFiles(long ramBytes, long workingSetBytes, long operations) {
    programs =
        SimulatedVmConfig.of(ramBytes, Backing.SHMEM, 1, Workload.UNIFORM, 5)
            .withWorkingSetBytes(workingSetBytes)
            .withOpsPerVcpu(operations);
    guest = new FirmwareGuest(kernel, TSC_KHZ, programs);
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    assumeTrue(Files.isExecutable(program), "no QEMU: run tests/qemu/get-qemu.sh");
    directory = Files.createTempDirectory(Path.of("/dev/shm"), "fl-q");
    Files.write(file("rom"), guest.rom());
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    if (directory != null) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }

  /** Starts a destination node for the QEMU whose monitor is the file {@code to.qmp}. */
  Node startDest(Processes processes) throws Exception {
    return startDest(processes, "to");
  }

  /** Starts a destination node for the QEMU whose monitor is the file {@code NAME.qmp}. */
  Node startDest(Processes processes, String name) throws Exception {
    return processes.start(
        "dest", "--vm=qemu", "--qmp=" + file(name + ".qmp"), "--listen=127.0.0.1:0");
  }

  /** Starts a source node for the QEMU whose monitor is the file {@code from.qmp}. */
  Node startSource(Processes processes, int port, List<String> options, String... more)
      throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("source", "--vm=qemu", "--qmp=" + file("from.qmp")));
    arguments.addAll(List.of("--to=127.0.0.1:" + port, "--rehearsal=0ms"));
    arguments.addAll(options);
    return processes.start(arguments, more);
  }

  /** The versions that tests/qemu/get-qemu.sh has unpacked. */
  static Stream<String> versions() {
    return Stream.of("own", "sid")
        .filter(each -> each.equals("own") || Files.isExecutable(program(each)));
  }

  /** Takes a version, instead of the one of this machine's Debian. */
  void useVersion(String version) {
    program = program(version);
  }

  private static Path program(String version) {
    return QEMUS.resolve(version).resolve("bin/qemu-system-x86_64");
  }

  /** In memory, with a short path. */
  Path directory() {
    return Objects.requireNonNull(directory, "not begun");
  }

  /** In that directory. */
  Path file(String name) {
    return directory().resolve(name);
  }

  long memoryBytes() {
    return guest.memoryBytes();
  }

  /** The command line of a QEMU with the guest, whose RAM is in a file. */
  QemuCommand command(Path ram) {
    return QemuCommand.withRamInFile(program.toString(), Accelerator.TCG, guest.memoryBytes(), ram)
        .with("-bios", file("rom").toString());
  }

  /** Starts a QEMU with the guest, its RAM here, and a monitor for a node: {@code NAME.qmp}. */
  QemuProcess start(String name, String... more) throws Exception {
    return start(name, command(file(name + ".ram")).with(more));
  }

  /** The same with a QEMU that waits for the guest. */
  QemuProcess startWaiting(String name, String... more) throws Exception {
    return start(name, command(file(name + ".ram")).waiting().with(more));
  }

  /** Starts a QEMU with a monitor for a node: {@code NAME.qmp}. */
  QemuProcess start(String name, QemuCommand command) throws Exception {
    return start(name, List.of(), command);
  }

  /**
   * The same after another command.
   *
   * @param prefix must execute the rest in its own process
   */
  QemuProcess start(String name, List<String> prefix, QemuCommand command) throws Exception {
    List<String> all = new ArrayList<>(prefix);
    all.addAll(command.withMonitor(file(name + ".qmp")).arguments());
    return QemuProcess.start(directory(), name, all);
  }

  void awaitOperations(QmpConnection monitor, long operations) {
    Awaitility.await().atMost(90, TimeUnit.SECONDS).until(() -> operations(monitor) >= operations);
  }

  private long operations(QmpConnection monitor) throws Exception {
    Path page = file("clock");
    var _ =
        monitor.execute(
            "pmemsave",
            QmpConnection.arguments()
                .put("val", FirmwareGuest.CLOCK_ADDRESS)
                .put("size", FirmwareGuest.CLOCK_BYTES)
                .put("filename", page.toString()));
    return guest.clock(Files.readAllBytes(page)).operations();
  }

  /** Waits for the guest's last operation, and compares its memory. */
  void assertEqualsARunWithoutMigration(QmpConnection monitor, Path ram) throws Exception {
    long operations = programs.opsPerVcpu();
    awaitOperations(monitor, operations);
    MemorySegment memory = MemorySegment.ofArray(Files.readAllBytes(ram));
    assertThat(MemoryDigest.of(memory.asSlice(FirmwareGuest.LOW_BYTES)))
        .isEqualTo(guest.reference().memory());
  }
}
