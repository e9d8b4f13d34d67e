package io.faultline.tests.migration;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.VmKind;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.source.MigrationMode;
import io.faultline.tests.tags.RunsAlone;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Migrations of one kind of VM in every valid combination of mode, backing, placement and dirty
 * log, each verified.
 */
abstract class Combinations {
  static final long MIB = 1 << 20;
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  private final VmKind kind;

  Combinations(VmKind kind) {
    this.kind = kind;
  }

  /** Mode, placement, and whether the VM has a dirty log of its own. */
  static Stream<Arguments> combinations() {
    List<Arguments> combinations = new ArrayList<>();
    for (MigrationMode mode : MigrationMode.values()) {
      for (Placement placement : Placement.values()) {
        for (boolean ownLog : mode.hasRounds() ? new boolean[] {true, false} : new boolean[1]) {
          combinations.add(Arguments.of(mode, placement, ownLog));
        }
      }
    }
    return combinations.stream();
  }

  static Stream<Arguments> copyCombinations() {
    return combinations().filter(each -> each.get()[1] == Placement.COPY);
  }

  /** Each mode and placement once, for migrations that take long. */
  static Stream<Arguments> combinationsOfOneLog() {
    return combinations()
        .filter(each -> each.get()[2].equals(((MigrationMode) each.get()[0]).hasRounds()));
  }

  @ParameterizedTest(name = "{0}, {1}, own log {2}")
  @MethodSource("copyCombinations")
  void anonymousMemory(MigrationMode mode, Placement placement, boolean ownLog) throws Exception {
    run(
        MigrationHost.kernel(),
        Backing.ANONYMOUS,
        16 * MIB,
        MigrationSetup.of(mode, placement, ownLog));
  }

  @ParameterizedTest(name = "{0}, {1}, own log {2}")
  @MethodSource("combinations")
  void sharedMemory(MigrationMode mode, Placement placement, boolean ownLog) throws Exception {
    run(
        MigrationHost.kernel(),
        Backing.SHMEM,
        16 * MIB,
        MigrationSetup.of(mode, placement, ownLog));
  }

  @RunsAlone
  @ParameterizedTest(name = "{0}, {1}, own log {2}")
  @MethodSource("combinations")
  void hugePages(MigrationMode mode, Placement placement, boolean ownLog) throws Exception {
    Kernel kernel = MigrationHost.kernel();
    try (HugePageLoan _ = MigrationHost.hugePages(kernel, PageSize.HUGE_2M, 32)) {
      run(kernel, Backing.HUGETLB_2M, 32 * MIB, MigrationSetup.of(mode, placement, ownLog));
    }
  }

  void migrateGiganticPages(MigrationSetup setup) throws Exception {
    Kernel kernel = MigrationHost.kernel();
    assumeThat(kernel.availableMemoryBytes())
        .as("memory for two VMs and a reference of 1 GiB each")
        .isGreaterThan(6L << 30);
    try (HugePageLoan _ = MigrationHost.hugePages(kernel, PageSize.HUGE_1G, 2)) {
      run(kernel, Backing.HUGETLB_1G, 1024 * MIB, setup);
    }
  }

  /** Both sides use a file; the one at the destination has old contents. */
  @ParameterizedTest(name = "{0}, {1}, own log {2}")
  @MethodSource("combinations")
  void namedFiles(MigrationMode mode, Placement placement, boolean ownLog) throws Exception {
    assumeThat(Files.isWritable(SHARED_MEMORY)).as("%s is writable", SHARED_MEMORY).isTrue();
    Path sourceFile = Files.createTempFile(SHARED_MEMORY, "faultline-source", "");
    Path destinationFile = Files.createTempFile(SHARED_MEMORY, "faultline-dest", "");
    try {
      byte[] old = new byte[(int) (20 * MIB)];
      Arrays.fill(old, (byte) 0x55);
      Files.write(destinationFile, old);
      Kernel kernel = MigrationHost.kernel();
      SimulatedVmConfig config =
          config(Backing.file(sourceFile, PageSize.BASE), 16 * MIB).withZeroFraction(0.3);
      MigrationSetup setup = MigrationSetup.of(mode, placement, ownLog);
      new Migration(kind, kernel, config, setup, Backing.file(destinationFile, PageSize.BASE))
          .run();
    } finally {
      for (Path file : new Path[] {sourceFile, destinationFile}) {
        for (String suffix : new String[] {"", ".low", ".rom"}) { // a KVM VM has three regions
          Files.deleteIfExists(Path.of(file + suffix));
        }
      }
    }
  }

  void run(Kernel kernel, Backing backing, long ramBytes, MigrationSetup setup) throws Exception {
    new Migration(kind, kernel, config(backing, ramBytes), setup, null).run();
  }

  /** A guest that uses half of its memory; a fifth of the pages is zero. */
  private static SimulatedVmConfig config(Backing backing, long ramBytes) {
    SimulatedVmConfig config = SimulatedVmConfig.of(ramBytes, backing, 2, Workload.UNIFORM, 7);
    boolean severalPages = ramBytes > 1024 * MIB || backing.pageSize() != PageSize.HUGE_1G;
    return severalPages
        ? config.withWorkingSetBytes(ramBytes / 2).withZeroFraction(0.2)
        : SimulatedVmConfig.of(ramBytes, backing, 1, Workload.UNIFORM, 7);
  }
}
