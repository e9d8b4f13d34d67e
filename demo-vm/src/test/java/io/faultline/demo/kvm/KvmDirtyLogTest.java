package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.testing.TestHost;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** KVM's dirty log misses no write, and has a granularity of 4 KiB even on huge pages. */
final class KvmDirtyLogTest {
  private static final int ROUNDS = 40;

  @ParameterizedTest
  @EnumSource(Workload.class)
  void precopyByTheLogMissesNoWrite(Workload workload) throws Exception {
    precopy(TestKvmVms.programs(workload, 2, 51));
  }

  @Test
  void precopyOfHugePagesByTheLogMissesNoWrite() throws Exception {
    TestHost.assumeHugePages(16);
    precopy(SimulatedVmConfig.of(16 * TestHost.MIB, Backing.HUGETLB_2M, 2, Workload.ZIPF, 52));
  }

  /** Rounds of precopy while the guest runs, then a last one while it is paused. */
  private static void precopy(SimulatedVmConfig programs) throws Exception {
    KvmVmConfig config = KvmVmConfig.of(programs);
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(config, line -> {});
        KvmVm shadow = host.prepare(config, host.profile(), programs.backing(), line -> {})) {
      vm.start();
      try (KvmDirtyLog log = new KvmDirtyLog(vm)) {
        log.start();
        TestKvmVms.copyMemory(vm, shadow);
        for (int round = 0; round < ROUNDS; round++) {
          Thread.sleep(0, 500_000);
          copyDirty(log, vm, shadow);
        }
        vm.pause();
        copyDirty(log, vm, shadow);
        assertEqualMemory(vm, shadow);
        assertThat(copyDirty(log, vm, shadow)).as("dirty while paused").isZero();
      }
      shadow.loadState(vm.state(), 0);
      shadow.start();
      TestKvmVms.assertStopsAndEqualsReference(host, shadow);
    }
  }

  private static void assertEqualMemory(KvmVm vm, KvmVm shadow) {
    for (MemoryRegion region : vm.regions()) {
      assertThat(shadow.regions().get(region.id()).guest().data().mismatch(region.guest().data()))
          .as("first difference in " + region.name())
          .isEqualTo(-1);
    }
  }

  private static long copyDirty(KvmDirtyLog log, KvmVm vm, KvmVm shadow) {
    long copied = 0;
    for (MemoryRegion region : vm.regions()) {
      PageBitmap dirty = new PageBitmap(region.basePageCount());
      log.collect(region, dirty);
      MemorySegment from = region.guest().data();
      MemorySegment to = shadow.regions().get(region.id()).guest().data();
      long bytes = region.basePageBytes();
      for (long page = dirty.nextSet(0); page < dirty.pageCount(); page = dirty.nextSet(page + 1)) {
        MemorySegment.copy(from, page * bytes, to, page * bytes, bytes);
        copied++;
      }
    }
    return copied;
  }

  @Test
  void logContainsExactlyTheWrittenPages() throws Exception {
    assertDirty(TestKvmVms.programs(Workload.SEQUENTIAL, 1, 53).withOpsPerVcpu(640), 10);
  }

  /** 640 lines of 64 bytes are ten pages of 4 KiB, at the start of the first huge page. */
  @Test
  void logContainsExactlyTheWrittenPartsOfAHugePage() throws Exception {
    TestHost.assumeHugePages(2);
    assertDirty(
        SimulatedVmConfig.of(4 * TestHost.MIB, Backing.HUGETLB_2M, 1, Workload.SEQUENTIAL, 54)
            .withOpsPerVcpu(640),
        10);
  }

  private static void assertDirty(SimulatedVmConfig programs, int pages) throws Exception {
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(KvmVmConfig.of(programs), line -> {})) {
      KvmDirtyLog log = new KvmDirtyLog(vm);
      log.close();
      log.start();
      PageBitmap dirty = new PageBitmap(vm.ram().basePageCount());
      log.collect(vm.ram(), dirty);
      assertThat(dirty.count()).as("before the start").isZero();
      vm.start();
      TestKvmVms.finish(vm);
      log.collect(vm.ram(), dirty);
      assertThat(dirty.count()).isEqualTo(pages);
      assertThat(dirty.nextClear(0)).isEqualTo(pages);
      PageBitmap rom = new PageBitmap(vm.regions().get(GuestLayout.ROM_ID).basePageCount());
      log.collect(vm.regions().get(GuestLayout.ROM_ID), rom);
      assertThat(rom.count()).isZero();
      log.close();
      log.close();
    }
  }
}
