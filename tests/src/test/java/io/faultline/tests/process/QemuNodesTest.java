package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.demo.kvm.FirmwareGuest;
import io.faultline.demo.simulated.MemoryDigest;
import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.memory.Backing;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.uffd.linux.LinuxKernel;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code source} and {@code dest} with the guests of running QEMUs. */
class QemuNodesTest {
  private static final Path QEMU =
      Path.of("../target/qemu/own/bin/qemu-system-x86_64").toAbsolutePath().normalize();
  private static final long RAM_BYTES = 30L << 20;
  private static final long OPERATIONS = 5_000_000;

  @RegisterExtension private final Processes processes = new Processes();
  private final LinuxKernel kernel = new LinuxKernel();
  private final SimulatedVmConfig programs =
      SimulatedVmConfig.of(RAM_BYTES, Backing.SHMEM, 1, Workload.UNIFORM, 5)
          .withOpsPerVcpu(OPERATIONS);
  private final FirmwareGuest guest = new FirmwareGuest(kernel, 2_000_000, programs);
  private Path directory;

  @BeforeEach
  void create() throws Exception {
    assumeTrue(Files.isExecutable(QEMU), "no QEMU: run tests/qemu/get-qemu.sh");
    directory = Files.createTempDirectory(Path.of("/dev/shm"), "fl-qn");
    Files.write(directory.resolve("rom"), guest.rom());
  }

  @AfterEach
  void delete() throws Exception {
    if (directory != null) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }

  @Test
  void guestOfARunningQemuMoves() throws Exception {
    Path json = processes.file("source.json");
    try (QemuProcess from = start("from");
        QemuProcess to = start("to", "-incoming", "defer", "-S")) {
      awaitOperations(from, 1);
      Node dest = dest();
      Node source = source(dest, "--json=" + json);
      source.awaitSuccess();
      dest.awaitSuccess();
      assertThat(status(from)).isEqualTo("postmigrate");
      assertThat(status(to)).isEqualTo("running");
      awaitOperations(to, OPERATIONS);
      assertEqualsARunWithoutMigration("to");
    }
    assertThat(Result.read(json).text("vm_location")).isEqualTo("destination");
  }

  @Test
  void guestThatTheDestinationRefusesContinues() throws Exception {
    try (QemuProcess from = start("from");
        QemuProcess to = start("to", "-incoming", "defer", "-S", "-cpu", "max")) {
      awaitOperations(from, 1);
      Node dest = dest();
      Node source = source(dest);
      assertThat(source.await(Node.LIMIT)).isEqualTo(1);
      assertThat(String.join(" ", source.err()))
          .contains("CPU is")
          .contains("the guest continues here");
      assertThat(dest.await(Node.LIMIT)).isEqualTo(1);
      assertThat(status(from)).isEqualTo("running");
      assertThat(status(to)).isEqualTo("inmigrate");
      awaitOperations(from, OPERATIONS);
      assertEqualsARunWithoutMigration("from");
    }
  }

  private Node dest() throws Exception {
    return processes.start(
        "dest",
        "--vm=qemu",
        "--qmp=" + directory.resolve("to.qmp"),
        "--listen=127.0.0.1:0",
        "--rehearsal=0ms");
  }

  private Node source(Node dest, String... more) throws Exception {
    return processes.start(
        List.of(
            "source",
            "--vm=qemu",
            "--qmp=" + directory.resolve("from.qmp"),
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--mode=hybrid",
            "--place=continue",
            "--rehearsal=0ms"),
        more);
  }

  private QemuProcess start(String name, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                QEMU.toString(),
                "-accel",
                "tcg",
                "-nodefaults",
                "-display",
                "none",
                "-machine",
                "pc,memory-backend=ram",
                "-m",
                (guest.memoryBytes() >> 20) + "M",
                "-bios",
                directory.resolve("rom").toString(),
                "-object",
                "memory-backend-file,id=ram,share=on,size="
                    + guest.memoryBytes()
                    + ",mem-path="
                    + directory.resolve(name + ".ram"),
                "-qmp",
                "unix:" + directory.resolve(name + ".qmp") + ",server=on,wait=off"));
    command.addAll(List.of(more));
    return QemuProcess.start(directory, name, command);
  }

  private void awaitOperations(QemuProcess qemu, long operations) {
    Awaitility.await()
        .atMost(90, TimeUnit.SECONDS)
        .until(
            () ->
                guest
                        .clock(qemu.memory(FirmwareGuest.CLOCK_ADDRESS, FirmwareGuest.CLOCK_BYTES))
                        .operations()
                    >= operations);
  }

  private void assertEqualsARunWithoutMigration(String name) throws Exception {
    MemorySegment memory =
        MemorySegment.ofArray(Files.readAllBytes(directory.resolve(name + ".ram")));
    assertThat(MemoryDigest.of(memory.asSlice(FirmwareGuest.LOW_BYTES)))
        .isEqualTo(ReferenceRun.run(kernel, programs, new long[] {OPERATIONS}).memory());
  }

  private static String status(QemuProcess qemu) throws Exception {
    return qemu.monitor().execute("query-status").path("status").asString();
  }
}
