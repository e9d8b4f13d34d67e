package io.faultline.demo.simulated;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.paging.PageStore;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagedVmTest {
  private static final int RAM = 8 << 20;

  @ParameterizedTest
  @EnumSource
  void endsAsTheRunThatHasAllItsMemory(Workload workload) throws Exception {
    assertThat(isEqual(new HeapStore(), workload)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void oneWrongBitOfItsStoreIsNoticed(Workload workload) throws Exception {
    HeapStore store = new HeapStore();
    store.wrongBytes = 1;
    assertThat(isEqual(store, workload)).isFalse();
  }

  private static boolean isEqual(HeapStore store, Workload workload) throws InterruptedException {
    Kernel kernel = new SimulatedKernel();
    SimulatedVmConfig config =
        SimulatedVmConfig.of(RAM, Backing.ANONYMOUS, 2, workload, 7).withOpsPerVcpu(3000);
    List<String> errors = new CopyOnWriteArrayList<>();
    PagedRam ram = PagedRam.over(kernel, store, RAM, RAM / 8, errors::add, () -> {});
    try (SimulatedVm vm = SimulatedVm.paged(kernel, config, ram)) {
      vm.start();
      assertThat(vm.awaitFinished(Duration.ofSeconds(50))).isTrue();
      assertThat(vm.opsDone()).containsOnly(3000);
      assertThat(ram.stats().evictedDirty()).isGreaterThan(RAM / 4096 / 2);
      assertThat(ram.statsSinceFilled().pagesWritten())
          .as("the initial contents are not the VM's")
          .isBetween(1L, ram.stats().pagesWritten() - RAM / 4096 / 2);
      assertThat(errors).isEmpty();
      ReferenceRun reference = ReferenceRun.run(kernel, config, vm.opsDone());
      return reference.vcpus().equals(vm.vcpuDigest())
          && reference.memory().equals(vm.memoryDigest());
    }
  }

  private static final class HeapStore implements PageStore {
    private final byte[] bytes = new byte[RAM];
    private int wrongBytes;

    @Override
    public synchronized long read(long offset, MemorySegment to, long toOffset, long length) {
      MemorySegment.copy(bytes, (int) offset, to, JAVA_BYTE, toOffset, (int) length);
      return length;
    }

    @Override
    public synchronized void write(long offset, MemorySegment from, long fromOffset, long length) {
      MemorySegment.copy(from, JAVA_BYTE, fromOffset, bytes, (int) offset, (int) length);
      if (wrongBytes > 0) {
        wrongBytes--;
        bytes[(int) offset + 100] ^= 1;
      }
    }

    @Override
    public void discard(long offset, long length) {
      throw new UnsupportedOperationException("a VM discards nothing");
    }

    @Override
    public void sync() {
      // nothing to do
    }

    @Override
    public int alignment() {
      return 1;
    }
  }
}
