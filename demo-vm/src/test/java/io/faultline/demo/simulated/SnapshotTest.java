package io.faultline.demo.simulated;

import static io.faultline.demo.testing.TestHost.KERNEL;
import static io.faultline.demo.testing.TestHost.MIB;
import static io.faultline.demo.testing.TestHost.assumeHugePages;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.faultline.memory.Backing;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.snapshot.BackgroundSnapshot;
import io.faultline.snapshot.SnapshotReport;
import io.faultline.snapshot.file.DataEncoding;
import io.faultline.snapshot.file.PageRuns;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.snapshot.file.SnapshotReader;
import io.faultline.source.snapshot.SnapshotOfVm;
import io.faultline.source.snapshot.WireCodecs;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The image of a VM that goes on is that of a run which was paused there, byte for byte. */
class SnapshotTest {
  /** Fast enough to write all over the memory, and few enough operations to repeat them. */
  private static final long PACE = 1_000_000;

  @TempDir Path directory;

  private Path file;
  private DataEncoding encoding = DataEncoding.PLAIN;

  @BeforeEach
  void needsLinux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    file = directory.resolve("vm.snap");
  }

  private static SimulatedVmConfig config(Workload workload, Backing backing) {
    return SimulatedVmConfig.of(16 * MIB, backing, 2, workload, 11)
        .withZeroFraction(0.2)
        .withPace(PACE);
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void imageIsThatOfThePause(Workload workload) throws Exception {
    saveAndCompare(KERNEL, config(workload, Backing.ANONYMOUS));
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void imageOfSharedMemoryIsThatOfThePause(Workload workload) throws Exception {
    saveAndCompare(KERNEL, config(workload, Backing.SHMEM));
  }

  @Test
  void imageOfHugePagesIsThatOfThePause() throws Exception {
    assumeHugePages(32);
    saveAndCompare(KERNEL, config(Workload.UNIFORM, Backing.HUGETLB_2M));
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void imageOnASimulatedKernelIsThatOfThePause(Workload workload) throws Exception {
    saveAndCompare(new SimulatedKernel(), config(workload, Backing.ANONYMOUS));
  }

  @ParameterizedTest
  @EnumSource(DataEncoding.class)
  void compressedImageIsThatOfThePause(DataEncoding how) throws Exception {
    encoding = how;
    saveAndCompare(KERNEL, config(Workload.ZIPF, Backing.ANONYMOUS).withCommonFraction(0.5));
    try (SnapshotFile snapshot = SnapshotFile.open(file)) {
      assertThat(snapshot.encoding()).isEqualTo(how);
      assertThat(Files.size(file) < snapshot.dataBytes()).isEqualTo(how != DataEncoding.PLAIN);
    }
  }

  private void saveAndCompare(Kernel kernel, SimulatedVmConfig config) throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(kernel, config)) {
      vm.start();
      for (int generation = 0; generation < 2; generation++) { // the second replaces the first
        long before = Arrays.stream(vm.opsDone()).sum();
        SnapshotReport report = snapshot(kernel, vm).take();
        assertThat(report.memoryBytes()).isEqualTo(config.ramBytes());
        assertThat(report.fileBytes()).isEqualTo(Files.size(file));
        assertThat(report.dataBytes()).isBetween(8 * MIB, 16 * MIB);
        assertThat(report.faults()).as("the VM wrote meanwhile").isPositive();
        compare(kernel, config, before);
      }
      vm.pause();
      TestVms.assertEqualToReference(vm);
    }
  }

  private BackgroundSnapshot snapshot(Kernel kernel, SimulatedVm vm) {
    return new BackgroundSnapshot(kernel, new SnapshotOfVm(new SimulatedSource(vm)), file)
        .compressed(encoding, new WireCodecs());
  }

  /** A VM built from the file equals a run up to there, and goes on as that would. */
  private void compare(Kernel kernel, SimulatedVmConfig config, long opsBefore) throws Exception {
    try (SnapshotFile snapshot = SnapshotFile.open(file);
        SimulatedVm again = SimulatedVm.prepare(kernel, config, config.backing())) {
      assertThat(SimulatedVmConfig.parse(ByteString.copyFrom(snapshot.vm().configuration())))
          .isEqualTo(config);
      load(snapshot, again.ram());
      again.loadState(ByteString.copyFrom(snapshot.vm().deviceState()), 0);
      assertThat(Arrays.stream(again.opsDone()).sum()).isGreaterThanOrEqualTo(opsBefore);
      TestVms.assertEqualToReference(again);
      again.start();
      Thread.sleep(20);
      again.pause();
      TestVms.assertEqualToReference(again);
    }
  }

  private static void load(SnapshotFile snapshot, MemoryRegion ram) throws IOException {
    PageRuns runs = snapshot.runs(0);
    int page = snapshot.pageBytes();
    try (SnapshotReader reader = new SnapshotReader(snapshot, new WireCodecs())) {
      for (int run = 0; run < runs.count(); run++) {
        long end = runs.endPage(run);
        for (long at = runs.firstPage(run); at < end && runs.isData(run); at++) {
          long offset = runs.fileOffset(run) + (at - runs.firstPage(run)) * page;
          MemorySegment data = reader.read(offset, page);
          MemorySegment.copy(data, 0, ram.guest().data(), at * page, page);
        }
      }
    }
  }

  @Test
  void aSecondSnapshotMeanwhileIsRefused() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, config(Workload.ZIPF, Backing.ANONYMOUS))) {
      vm.start();
      try (DirtyLog log = vm.writeProtectLog()) {
        log.start(); // as a migration's precopy rounds do, and another snapshot
        assertThatThrownBy(() -> snapshot(KERNEL, vm).take())
            .isInstanceOf(SnapshotException.class)
            .hasMessageContainingAll("region ram is watched already", "when that has ended");
        assertThat(directory).isEmptyDirectory();
      }
      assertThat(snapshot(KERNEL, vm).take().fileBytes()).isPositive();
    }
  }

  @Test
  void aCancelledSnapshotLeavesNoFileAndTheVmGoesOn() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, config(Workload.UNIFORM, Backing.SHMEM))) {
      vm.start();
      BackgroundSnapshot snapshot = snapshot(KERNEL, vm);
      snapshot.cancel();
      assertThatThrownBy(snapshot::take)
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("was cancelled, the VM goes on");
      assertThat(directory).isEmptyDirectory();
      vm.pause();
      TestVms.assertEqualToReference(vm);
    }
  }
}
