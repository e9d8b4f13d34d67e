package io.faultline.tests.migration;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every combination of mode, backing, placement and dirty log that makes sense, verified, for one
 * kind of VM.
 */
abstract class Combinations {
  static final long MIB = 1 << 20;
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  private final VmKind kind;

  Combinations(VmKind kind) {
    this.kind = kind;
  }

  static Stream<Arguments> ways() {
    List<Arguments> ways = new ArrayList<>();
    for (MigrationMode mode : MigrationMode.values()) {
      for (Placement placement : Placement.values()) {
        for (boolean ownLog : mode.hasRounds() ? new boolean[] {true, false} : new boolean[1]) {
          ways.add(Arguments.of(mode, placement, ownLog));
        }
      }
    }
    return ways.stream();
  }

  static Stream<Arguments> waysToCopy() {
    return ways().filter(way -> way.get()[1] == Placement.COPY);
  }

  /** Each mode and placement once, where a migration takes long. */
  static Stream<Arguments> waysOfOneLog() {
    return ways().filter(way -> way.get()[2].equals(((MigrationMode) way.get()[0]).hasRounds()));
  }

  @ParameterizedTest(name = "{0}, {1}, own log {2}")
  @MethodSource("waysToCopy")
  void anonymousMemory(MigrationMode mode, Placement placement, boolean ownLog) throws Exception {
    run(
        MigrationHost.kernel(),
        Backing.ANONYMOUS,
        16 * MIB,
        MigrationSetup.of(mode, placement, ownLog));
  }

  @ParameterizedTest(name = "{0}, {1}, own log {2}")
  @MethodSource("ways")
  void sharedMemory(MigrationMode mode, Placement placement, boolean ownLog) throws Exception {
    run(
        MigrationHost.kernel(),
        Backing.SHMEM,
        16 * MIB,
        MigrationSetup.of(mode, placement, ownLog));
  }

  @RunsAlone
  @ParameterizedTest(name = "{0}, {1}, own log {2}")
  @MethodSource("ways")
  void hugePages(MigrationMode mode, Placement placement, boolean ownLog) throws Exception {
    Kernel kernel = MigrationHost.kernel();
    try (HugePageLoan loan = MigrationHost.hugePages(kernel, PageSize.HUGE_2M, 32)) {
      assertThat(loan.shortage()).isEmpty();
      run(kernel, Backing.HUGETLB_2M, 32 * MIB, MigrationSetup.of(mode, placement, ownLog));
    }
  }

  void migrateGiganticPages(MigrationSetup how) throws Exception {
    Kernel kernel = MigrationHost.kernel();
    assumeThat(kernel.availableMemoryBytes())
        .as("memory for two VMs and a reference of 1 GiB each")
        .isGreaterThan(6L << 30);
    try (HugePageLoan loan = MigrationHost.hugePages(kernel, PageSize.HUGE_1G, 2)) {
      assertThat(loan.shortage()).isEmpty();
      run(kernel, Backing.HUGETLB_1G, 1024 * MIB, how);
    }
  }

  /** Files at both ends; that of the destination holds something else before. */
  @ParameterizedTest(name = "{0}, {1}, own log {2}")
  @MethodSource("ways")
  void namedFiles(MigrationMode mode, Placement placement, boolean ownLog) throws Exception {
    assumeThat(Files.isWritable(SHARED_MEMORY)).as("%s is there", SHARED_MEMORY).isTrue();
    Path here = Files.createTempFile(SHARED_MEMORY, "faultline-source", "");
    Path there = Files.createTempFile(SHARED_MEMORY, "faultline-dest", "");
    try {
      byte[] old = new byte[(int) (20 * MIB)];
      java.util.Arrays.fill(old, (byte) 0x55);
      Files.write(there, old);
      Kernel kernel = MigrationHost.kernel();
      SimulatedVmConfig config =
          config(Backing.file(here, PageSize.BASE), 16 * MIB).withZeroFraction(0.3);
      MigrationSetup how = MigrationSetup.of(mode, placement, ownLog);
      new Migration(kind, kernel, config, how, Backing.file(there, PageSize.BASE)).run();
    } finally {
      for (Path file : new Path[] {here, there}) {
        for (String suffix : new String[] {"", ".low", ".rom"}) { // a KVM VM has three regions
          Files.deleteIfExists(Path.of(file + suffix));
        }
      }
    }
  }

  void run(Kernel kernel, Backing backing, long ramBytes, MigrationSetup how) throws Exception {
    new Migration(kind, kernel, config(backing, ramBytes), how, null).run();
  }

  /** A guest that uses half of its memory, and leaves some of the rest zero. */
  private static SimulatedVmConfig config(Backing backing, long ramBytes) {
    SimulatedVmConfig config = SimulatedVmConfig.of(ramBytes, backing, 2, Workload.UNIFORM, 7);
    boolean several = ramBytes > 1024 * MIB || backing.pageSize() != PageSize.HUGE_1G;
    return several
        ? config.withWorkingSetBytes(ramBytes / 2).withZeroFraction(0.2)
        : SimulatedVmConfig.of(ramBytes, backing, 1, Workload.UNIFORM, 7);
  }
}
