package io.faultline.demo.simulated;

import static io.faultline.demo.simulated.TestVms.config;
import static io.faultline.demo.testing.TestHost.KERNEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.PageBitmap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The choice of the operations that write. */
final class WriteChoiceTest {
  private static final VcpuSlice SLICE = new VcpuSlice(0, 64, 4096);
  private static final int OPERATIONS = 200_000;

  /** Memory of one slice that counts the stores to it. */
  private static final class Words implements GuestWords {
    private final long[] words = new long[(int) (SLICE.lengthBytes() / Long.BYTES)];
    private int stores;
    private int storesInFirstHalf;
    private long stored;

    @Override
    public long load(long offsetBytes) {
      return words[(int) (offsetBytes / Long.BYTES)];
    }

    @Override
    public void store(long offsetBytes, long value) {
      words[(int) (offsetBytes / Long.BYTES)] = value;
      stored = value;
      stores++;
      if (offsetBytes < SLICE.lengthBytes() / 2) {
        storesInFirstHalf++;
      }
    }
  }

  private static Words run(Workload workload, double fraction) {
    Words words = new Words();
    GuestProgram program =
        new GuestProgram(AddressSequence.of(workload, SLICE), WriteChoice.of(fraction));
    Registers registers = Registers.initial(7, 0, program.addresses());
    for (int n = 0; n < OPERATIONS; n++) {
      registers.step(words, program);
    }
    return words;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.3, 0.5, 0.99})
  void fractionOfWritingOperationsIsRespectedByEachWorkload(double fraction) {
    double expected = OPERATIONS * fraction;
    double deviation = Math.sqrt(expected * (1 - fraction));
    for (Workload workload : Workload.values()) {
      assertThat((double) run(workload, fraction).stores)
          .as("stores of %s", workload)
          .isCloseTo(expected, within(5 * deviation));
    }
  }

  /** Even in memory of zeros, where only the accumulator determines a pointer chase. */
  @ParameterizedTest
  @EnumSource(
      value = Workload.class,
      names = {"UNIFORM", "POINTER_CHASE"})
  void writesAreDistributedLikeAllOperations(Workload workload) {
    Words words = run(workload, 0.1);
    assertThat((double) words.storesInFirstHalf / words.stores).isCloseTo(0.5, within(0.02));
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void fractionsZeroAndOneAreExact(Workload workload) {
    assertThat(run(workload, 1).stores).isEqualTo(OPERATIONS);
    assertThat(run(workload, 0).stores).isZero();
  }

  /** As guests did before the write fraction existed. */
  @Test
  void guestThatAlwaysWritesStoresItsMixedAccumulator() {
    Words words = new Words();
    GuestProgram program =
        new GuestProgram(AddressSequence.of(Workload.UNIFORM, SLICE), WriteChoice.ALWAYS);
    Registers registers = Registers.initial(7, 0, program.addresses());
    long accumulator = registers.accumulator;
    for (int n = 0; n < 10_000; n++) {
      long read = words.load(registers.address);
      registers.step(words, program);
      accumulator = Long.rotateLeft(accumulator ^ read, 23) * SplitMix64.GOLDEN + n;
      assertThat(registers.accumulator).isEqualTo(accumulator);
      assertThat(words.stored).isEqualTo(accumulator ^ (accumulator >>> 29));
    }
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void guestThatOnlyReadsLeavesMemoryUnchangedAndClean(Workload workload) throws Exception {
    SimulatedVmConfig config = config(workload, 3).withWriteFraction(0);
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, config);
        DirtyLog log = vm.dirtyLog()) {
      MemoryDigest before = vm.memoryDigest();
      VcpuDigest atPowerOn = vm.vcpuDigest();
      log.start();
      vm.start();
      TestVms.finish(vm);
      PageBitmap dirty = new PageBitmap(vm.ram().basePageCount());
      log.collect(vm.ram(), dirty);
      assertThat(dirty.count()).as("dirty pages").isZero();
      assertThat(vm.memoryDigest()).isEqualTo(before);
      assertThat(vm.vcpuDigest()).isNotEqualTo(atPowerOn);
      TestVms.assertEqualToReference(vm);
    }
  }
}
