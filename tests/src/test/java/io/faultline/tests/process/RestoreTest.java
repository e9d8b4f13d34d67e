package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.VmKind;
import io.faultline.memory.Backing;
import io.faultline.snapshot.file.DataEncoding;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.tests.migration.MigrationHost;
import io.faultline.tests.tags.RunsAlone;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A VM that runs from a snapshot is the one that was saved. */
class RestoreTest {
  private static final long RAM_BYTES = 48L << 20;
  private static final int PAGE_BYTES = 4096;

  @RegisterExtension private final Processes processes = new Processes();

  @ParameterizedTest
  @CsvSource({"anonymous, ", "shmem, ", "anonymous, shmem", "shmem, anonymous"})
  void simulatedVmContinues(String saved, @Nullable String restored) throws Exception {
    Path file = processes.file("vm.snapshot");
    Backing backing = saved.equals("shmem") ? Backing.SHMEM : Backing.ANONYMOUS;
    long pages = SavedVmFile.write(file, VmKind.SIMULATED, config(backing));
    Result result = restore(file, restored == null ? List.of() : List.of("--backing=" + restored));
    assertThat(result.text("backing")).isEqualTo(restored == null ? saved : restored);
    assertThat(result.number("ram_bytes")).isEqualTo(RAM_BYTES);
    assertThat(pages).isLessThan(RAM_BYTES / PAGE_BYTES);
  }

  @Test
  void kvmVmContinues() throws Exception {
    MigrationHost.assumeKvm();
    Path file = processes.file("vm.snapshot");
    SavedVmFile.write(file, VmKind.KVM, config(Backing.ANONYMOUS, 1).withPace(0));
    assertThat(restore(file, List.of()).text("vm")).isEqualTo("kvm");
  }

  @RunsAlone
  @Test
  void hugePagesContinue() throws Exception {
    assumeTrue(HugePages.areAvailable(48), "no huge pages");
    Path file = processes.file("vm.snapshot");
    SavedVmFile.write(file, VmKind.SIMULATED, config(Backing.HUGETLB_2M));
    assertThat(restore(file, List.of()).text("backing")).isEqualTo("hugetlb-2m");
  }

  @ParameterizedTest
  @EnumSource(
      value = DataEncoding.class,
      names = {"LZ4", "ZSTD"})
  void compressedVmContinues(DataEncoding how) throws Exception {
    Path file = processes.file("vm.snapshot");
    Node saver =
        processes.startAsTyped(
            List.of(
                "demo",
                "--snapshot=" + file,
                "--compression=" + how,
                "--ram=" + RAM_BYTES,
                "--common-fraction=0.5",
                "--pace=200000",
                "--quiet"));
    saver.awaitSuccess();
    try (SnapshotFile snapshot = SnapshotFile.open(file)) {
      assertThat(snapshot.encoding()).isEqualTo(how);
      assertThat(Files.size(file)).isLessThan(snapshot.dataBytes());
    }
    restore(file, List.of());
  }

  @Test
  void anyNumberOfVmsAreRestoredAtOnce() throws Exception {
    Path file = processes.file("vm.snapshot");
    SavedVmFile.write(file, VmKind.SIMULATED, config(Backing.ANONYMOUS));
    List<Node> clones = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      clones.add(start(file, "--json=" + processes.file(i + ".json")));
    }
    for (int i = 0; i < 3; i++) {
      clones.get(i).awaitSuccess();
      Result.read(processes.file(i + ".json")).assertVerified();
    }
  }

  @Test
  void damagedDataEndsTheVmAndIsNamed() throws Exception {
    Path file = processes.file("vm.snapshot");
    SavedVmFile.write(file, VmKind.SIMULATED, config(Backing.ANONYMOUS));
    flipAByte(file);
    Node node = start(file);
    node.awaitFailure(1, Node.LIMIT);
    assertThat(node.err())
        .anyMatch(line -> line.contains("the checksum of the data at offset"))
        .noneMatch(line -> line.contains("verified"));
  }

  @Test
  void secondRestoreHasTheWorkingSetOfTheFirst() throws Exception {
    Path file = processes.file("vm.snapshot");
    SavedVmFile.write(file, VmKind.SIMULATED, config(Backing.ANONYMOUS));
    Result first = restore(file, List.of());
    assertThat(first.number("working_set.pages")).isZero();
    long needed = first.number("working_set.needed");
    assertThat(needed).isPositive();
    assertThat(processes.file("vm.snapshot.ws")).isRegularFile();
    assertThat(restore(file, List.of()).number("working_set.pages")).isEqualTo(needed);
    assertThat(restore(file, List.of("--no-working-set")).number("working_set.pages")).isZero();
  }

  @Test
  void wrongWorkingSetIsIgnoredAndReplaced() throws Exception {
    Path file = processes.file("vm.snapshot");
    Path set = processes.file("vm.snapshot.ws");
    SavedVmFile.write(file, VmKind.SIMULATED, config(Backing.ANONYMOUS));
    Files.writeString(set, "not a working set, but long enough to be one");
    Node node = processes.start("restore", file.toString(), "--run-on=50ms");
    node.awaitSuccess();
    assertThat(node.err()).anyMatch(line -> line.contains(set + " is not used"));
    assertThat(restore(file, List.of()).number("working_set.pages")).isPositive();
  }

  @Test
  void nodeOnStandbyOpensTheFileAfterTheWord() throws Exception {
    Path file = processes.file("vm.snapshot");
    Node node = start(file, "--standby", "--rehearsal=1ms");
    node.awaitOutput("ready");
    SavedVmFile.write(file, VmKind.SIMULATED, config(Backing.ANONYMOUS));
    node.sendLine();
    node.awaitSuccess();
  }

  @Test
  void fileThatIsNoSnapshotIsRefused() throws Exception {
    Node missing = start(processes.file("missing"));
    missing.awaitFailure(1, Node.LIMIT);
    assertThat(missing.err()).singleElement().asString().contains("does not exist");
  }

  private static SimulatedVmConfig config(Backing backing) {
    return config(backing, 2);
  }

  private static SimulatedVmConfig config(Backing backing, int vcpus) {
    return SimulatedVmConfig.of(RAM_BYTES, backing, vcpus, Workload.UNIFORM, 7)
        .withZeroFraction(0.3)
        .withPace(200_000);
  }

  /** In the middle of the data. */
  private static void flipAByte(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long at = bytes.length() / 2;
      bytes.seek(at);
      int old = bytes.read();
      bytes.seek(at);
      bytes.write(~old);
    }
  }

  private Result restore(Path file, List<String> options) throws Exception {
    Path json = processes.file("result.json");
    List<String> arguments = new ArrayList<>(options);
    arguments.add("--json=" + json);
    Node node = start(file, arguments.toArray(String[]::new));
    node.awaitSuccess();
    Result result = Result.read(json);
    result.assertVerified();
    assertThat(result.decimal("first_instruction_ms")).isPositive();
    assertThat(result.number("pages.placed")).isPositive();
    return result;
  }

  private Node start(Path file, String... options) throws IOException {
    return processes.start(
        List.of("restore", file.toString(), "--run-on=50ms", "--quiet"), options);
  }
}
