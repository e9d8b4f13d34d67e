package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.VmKind;
import io.faultline.memory.Backing;
import io.faultline.tests.migration.MigrationHost;
import io.faultline.tests.tags.Nightly;
import io.faultline.tests.tags.RunsAlone;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A VM is restored, saved while most of its memory is not there yet, restored from that, and so on.
 * Each generation equals a run that was never saved: a page that was missing is that of a base,
 * never zeros.
 */
class FourGenerationsTest {
  private static final long RAM_BYTES = 64L << 20;

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void simulatedVmIsRightInEachGeneration() throws Exception {
    SimulatedVmConfig config = config(Workload.UNIFORM, Backing.ANONYMOUS, 2);
    generations(VmKind.SIMULATED, config, "5%", List.of());
  }

  @Nightly
  @ParameterizedTest
  @EnumSource(
      value = Workload.class,
      names = {"ZIPF", "SEQUENTIAL", "POINTER_CHASE"})
  void eachWorkloadIsRightInEachGeneration(Workload workload) throws Exception {
    generations(VmKind.SIMULATED, config(workload, Backing.ANONYMOUS, 2), "5%", List.of());
  }

  @Nightly
  @Test
  void sharedMemoryIsRightInEachGeneration() throws Exception {
    int swaps = Files.readAllLines(Path.of("/proc/swaps")).size() - 1; // without the heading
    assumeTrue(swaps == 0, "refused where there is swap");
    generations(VmKind.SIMULATED, config(Workload.ZIPF, Backing.SHMEM, 2), "5%", List.of());
  }

  @Test
  void kvmVmIsRightInEachGeneration() throws Exception {
    MigrationHost.assumeKvm();
    SimulatedVmConfig config = config(Workload.UNIFORM, Backing.ANONYMOUS, 1).withPace(0);
    generations(VmKind.KVM, config, "5%", List.of());
  }

  @Nightly
  @RunsAlone
  @Test
  void hugePagesAreRightInEachGeneration() throws Exception {
    assumeTrue(HugePages.areAvailable(64), "no huge pages");
    generations(
        VmKind.SIMULATED, config(Workload.UNIFORM, Backing.HUGETLB_2M, 2), "10%", List.of());
  }

  @Nightly
  @Test
  void simulatedKernelIsRightInEachGeneration() throws Exception {
    SimulatedVmConfig config = config(Workload.UNIFORM, Backing.ANONYMOUS, 2);
    generations(VmKind.SIMULATED, config, "5%", List.of("--engine=simulated"));
  }

  private static SimulatedVmConfig config(Workload workload, Backing backing, int vcpus) {
    return SimulatedVmConfig.of(RAM_BYTES, backing, vcpus, workload, 5)
        .withZeroFraction(0.3)
        .withPace(200_000);
  }

  private void generations(
      VmKind kind, SimulatedVmConfig config, String share, List<String> options) throws Exception {
    Path from = processes.file("0.snapshot");
    SavedVmFile.write(from, kind, config);
    for (int generation = 1; generation <= 4; generation++) {
      Path to = processes.file(generation + ".snapshot");
      List<String> all = new ArrayList<>(options);
      all.addAll(List.of("--snapshot=" + to, "--snapshot-at=" + share));
      Result result = restore(from, all);
      assertThat(result.number("saved.base_bytes")).isPositive();
      assertThat(result.number("saved.data_bytes")).isBetween(1L, RAM_BYTES - 1);
      from = to;
    }
    restore(from, options);
  }

  private Result restore(Path file, List<String> options) throws Exception {
    Path json = processes.file("result.json");
    List<String> arguments = new ArrayList<>(options);
    arguments.add("--json=" + json);
    Node node =
        processes.start(
            List.of("restore", file.toString(), "--run-on=50ms", "--quiet", "--no-working-set"),
            arguments.toArray(String[]::new));
    node.awaitSuccess();
    Result result = Result.read(json);
    result.assertVerified();
    return result;
  }

  @Test
  void snapshotOfWhatIsBeingRestoredHasAnotherName() throws Exception {
    Path file = processes.file("0.snapshot");
    SavedVmFile.write(file, VmKind.SIMULATED, config(Workload.UNIFORM, Backing.ANONYMOUS, 1));
    Node node =
        processes.start(List.of("restore", file.toString(), "--quiet"), "--snapshot=" + file);
    node.awaitFailure(1, Node.LIMIT);
    assertThat(node.err()).singleElement().asString().contains("name another file");
  }

  @Test
  void snapshotOfAllOfTheMemoryHasNoBase() throws Exception {
    Path file = processes.file("0.snapshot");
    SavedVmFile.write(file, VmKind.SIMULATED, config(Workload.UNIFORM, Backing.ANONYMOUS, 1));
    Result result = restore(file, List.of("--snapshot=" + file, "--snapshot-at=100%"));
    assertThat(result.number("saved.base_bytes")).isZero();
    restore(file, List.of());
  }
}
