package io.faultline.demo.simulated;

import static io.faultline.demo.testing.TestHost.KERNEL;
import static io.faultline.demo.testing.TestHost.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.demo.testing.VcpuProgress;
import io.faultline.memory.Backing;
import io.faultline.snapshot.BackgroundSnapshot;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.source.snapshot.SnapshotOfVm;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file system that becomes full during a snapshot. */
class SnapshotFailureTest {
  @TempDir Path directory;

  @BeforeEach
  void mount() throws Exception {
    String problem = run("mount", "-t", "tmpfs", "-o", "size=6m", "none", directory.toString());
    assumeTrue(problem.isEmpty(), problem);
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", directory.toString());
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? "" : "not permitted here: " + output;
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void theVmGoesOnAndTheOldFileStays(String engine) throws Exception {
    Kernel kernel = engine.equals("kernel") ? KERNEL : new SimulatedKernel();
    SimulatedVmConfig config =
        SimulatedVmConfig.of(16 * MIB, Backing.ANONYMOUS, 2, Workload.UNIFORM, 5)
            .withPace(1_000_000);
    Path file = Files.writeString(directory.resolve("vm.snap"), "old");
    try (SimulatedVm vm = SimulatedVm.create(kernel, config)) {
      vm.start();
      BackgroundSnapshot snapshot =
          new BackgroundSnapshot(kernel, new SnapshotOfVm(new SimulatedSource(vm)), file);
      assertThatThrownBy(snapshot::take)
          .isInstanceOf(SnapshotException.class)
          .hasMessageContainingAll("the VM goes on", "vm.snap.new", "ENOSPC");
      assertThat(Files.readString(file)).isEqualTo("old");
      assertThat(directory.resolve("vm.snap.new")).doesNotExist();
      VcpuProgress.awaitOperationsAfter(vm.opsDone(), vm::opsDone);
      vm.pause();
      TestVms.assertEqualToReference(vm);
    }
  }
}
