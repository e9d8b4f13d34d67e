package io.faultline.demo.simulated;

import static io.faultline.demo.testing.TestHost.KERNEL;
import static io.faultline.demo.testing.TestHost.MIB;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The digests detect a single wrong bit. */
final class SensitivityTest {
  private static final long WORKING_SET_BYTES = 128 << 10;

  /** After so many operations, sequential walks have read all words of their 64 KiB slices. */
  private static final long OPERATIONS = (64 << 10) / Long.BYTES;

  @ParameterizedTest
  @EnumSource(Workload.class)
  void bitFlippedInTheWorkingSetChangesTheMemoryDigest(Workload workload) throws Exception {
    Random random = printedRandom();
    SimulatedVmConfig config = small(workload, random.nextLong());
    ReferenceRun reference = reference(config);
    for (int i = 0; i < 10; i++) {
      long offset = random.nextLong(WORKING_SET_BYTES);
      try (SimulatedVm vm = runWithFlippedBit(config, offset, random.nextInt(8))) {
        assertThat(vm.memoryDigest()).as("offset %d", offset).isNotEqualTo(reference.memory());
        assertThat(reference.equalTo(vm)).isFalse();
      }
    }
  }

  @Test
  void bitFlippedInAByteThatIsReadChangesTheRegisters() throws Exception {
    Random random = printedRandom();
    SimulatedVmConfig config = small(Workload.SEQUENTIAL, random.nextLong());
    ReferenceRun reference = reference(config);
    for (int i = 0; i < 20; i++) {
      long offset = random.nextLong(WORKING_SET_BYTES);
      try (SimulatedVm vm = runWithFlippedBit(config, offset, random.nextInt(8))) {
        assertThat(vm.vcpuDigest()).as("offset %d", offset).isNotEqualTo(reference.vcpus());
      }
    }
  }

  @Test
  void bitFlippedOutsideTheWorkingSetChangesOnlyTheMemoryDigest() throws Exception {
    SimulatedVmConfig config = small(Workload.UNIFORM, 5);
    ReferenceRun reference = reference(config);
    try (SimulatedVm vm = runWithFlippedBit(config, MIB - 1, 0)) {
      assertThat(vm.memoryDigest()).isNotEqualTo(reference.memory());
      assertThat(vm.vcpuDigest()).isEqualTo(reference.vcpus());
    }
  }

  @Test
  void swappedPagesChangeTheMemoryDigest() {
    MemorySegment memory = MemorySegment.ofArray(new byte[3 << 20]);
    memory.asSlice(0, 4096).fill((byte) 1);
    MemoryDigest first = MemoryDigest.of(memory);
    memory.asSlice(0, 4096).fill((byte) 0);
    memory.asSlice(2 << 20, 4096).fill((byte) 1);
    assertThat(MemoryDigest.of(memory)).isNotEqualTo(first);
    assertThat(MemoryDigest.of(memory.asSlice(0, (3 << 20) - 4096)))
        .isNotEqualTo(MemoryDigest.of(memory));
  }

  private static SimulatedVmConfig small(Workload workload, long seed) {
    return SimulatedVmConfig.of(MIB, Backing.ANONYMOUS, 2, workload, seed)
        .withWorkingSetBytes(WORKING_SET_BYTES)
        .withOpsPerVcpu(OPERATIONS);
  }

  private static ReferenceRun reference(SimulatedVmConfig config) {
    return ReferenceRun.run(KERNEL, config, new long[] {OPERATIONS, OPERATIONS});
  }

  private static SimulatedVm runWithFlippedBit(SimulatedVmConfig config, long offset, int bit)
      throws InterruptedException {
    SimulatedVm vm = SimulatedVm.create(KERNEL, config);
    MemorySegment ram = vm.ram().guest().data();
    ram.set(JAVA_BYTE, offset, (byte) (ram.get(JAVA_BYTE, offset) ^ 1 << bit));
    vm.start();
    TestVms.finish(vm);
    return vm;
  }

  private static Random printedRandom() {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("seed " + seed);
    return new Random(seed);
  }
}
