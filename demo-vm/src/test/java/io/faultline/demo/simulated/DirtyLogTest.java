package io.faultline.demo.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.demo.testing.TestHost;
import io.faultline.demo.testing.VcpuProgress;
import io.faultline.memory.Backing;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.DirtyLogCheck;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Feature;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both dirty logs of a simulated VM contain each page that its vCPUs write. */
@Timeout(120)
final class DirtyLogTest {
  private static final long WRITING_NANOS = 200_000_000;
  private static final int ROUNDS = 30;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable resource : open.reversed()) {
      resource.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "kernel, anonymous, vm",
    "kernel, shmem, vm",
    "kernel, hugetlb-2m, vm",
    "kernel, hugetlb-1g, vm",
    "kernel, file, vm",
    "simulated, anonymous, vm",
    "simulated, shmem, vm",
    "simulated, hugetlb-2m, vm",
    "kernel, anonymous, write-protect",
    "kernel, shmem, write-protect",
    "kernel, hugetlb-2m, write-protect",
    "kernel, hugetlb-1g, write-protect",
    "kernel, file, write-protect",
    "simulated, anonymous, write-protect",
    "simulated, shmem, write-protect",
    "simulated, hugetlb-2m, write-protect",
    "simulated, file, write-protect"
  })
  void logMissesNoWrite(String engine, String backing, String kind) throws Exception {
    SimulatedVm vm = vm(engine, backing, 0);
    vm.start();
    DirtyLog log = log(vm, kind);
    assertThat(log.name()).isEqualTo(kind);
    try (DirtyLogCheck precopy = new DirtyLogCheck(vm.ram(), log)) {
      int rounds = backing.equals("hugetlb-1g") ? 3 : ROUNDS;
      long start = System.nanoTime();
      for (int n = 0; n < rounds || System.nanoTime() - start < WRITING_NANOS; n++) {
        precopy.round();
      }
      vm.pause();
      precopy.round();
      assertThat(precopy.difference())
          .as("first difference, seed %d, %d pages copied", seed, precopy.copied())
          .isEqualTo(-1);
      assertThat(precopy.copied()).isGreaterThan(vm.ram().basePageCount());
      assertThat(precopy.round()).as("dirty pages while paused").isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "kernel, anonymous, vm",
    "kernel, hugetlb-2m, vm",
    "kernel, anonymous, write-protect",
    "simulated, anonymous, vm",
    "simulated, anonymous, write-protect"
  })
  void logContainsWritesToPagesThatWereWritableInATlbWhenItStarted(
      String engine, String backing, String kind) throws Exception {
    SimulatedVm vm = vm(engine, backing, 0);
    vm.start();
    for (int n = 0; n < 10; n++) {
      awaitOperations(vm); // until most of the memory is in the TLBs
      TimeUnit.MILLISECONDS.sleep(5);
    }
    try (DirtyLogCheck precopy = new DirtyLogCheck(vm.ram(), log(vm, kind))) {
      awaitOperations(vm);
      TimeUnit.MILLISECONDS.sleep(5);
      vm.pause();
      assertThat(precopy.round()).isPositive();
      assertThat(precopy.difference()).as("first difference, seed %d", seed).isEqualTo(-1);
    }
  }

  /** Collecting passes the vCPUs through their checkpoint, which must not resume a paused VM. */
  @ParameterizedTest
  @CsvSource({
    "kernel, anonymous, vm",
    "kernel, anonymous, write-protect",
    "simulated, anonymous, write-protect"
  })
  void collectingLeavesAPausedVmPausedAndARunningOneRunning(
      String engine, String backing, String kind) throws Exception {
    SimulatedVm vm = vm(engine, backing, 0);
    try (DirtyLog log = log(vm, kind)) {
      log.start();
      vm.start();
      PageBitmap dirty = new PageBitmap(vm.ram().basePageCount());
      for (int i = 0; i < 50; i++) {
        vm.pause();
        long[] operations = vm.opsDone();
        log.collect(vm.ram(), dirty);
        TimeUnit.MICROSECONDS.sleep(500);
        assertThat(vm.opsDone()).isEqualTo(operations);
        vm.resume();
        log.collect(vm.ram(), dirty);
        TimeUnit.MILLISECONDS.sleep(1);
      }
      awaitOperations(vm);
      vm.pause();
      TestVms.assertEqualToReference(vm);
    }
  }

  private static void awaitOperations(SimulatedVm vm) {
    VcpuProgress.awaitOperationsAfter(vm.opsDone(), vm::opsDone);
  }

  /** The VM's own log has the granularity of base pages, even on huge pages, as hardware has. */
  @ParameterizedTest
  @CsvSource({
    "kernel, anonymous, vm, 1",
    "kernel, hugetlb-2m, vm, 1",
    "simulated, hugetlb-2m, vm, 1",
    "kernel, anonymous, write-protect, 1",
    "kernel, hugetlb-2m, write-protect, 512",
    "simulated, hugetlb-2m, write-protect, 512"
  })
  void logContainsNoPageThatWasNotWritten(
      String engine, String backing, String kind, int pagesForAWrite) throws Exception {
    int operations = 60;
    SimulatedVm vm = vm(engine, backing, operations);
    MemoryRegion ram = vm.ram();
    try (DirtyLog log = log(vm, kind)) {
      log.start();
      PageBitmap dirty = new PageBitmap(ram.basePageCount());
      log.collect(ram, dirty);
      assertThat(dirty.count()).as("before anything is written").isZero();
      byte[] before = ram.guest().data().toArray(ValueLayout.JAVA_BYTE);
      vm.start();
      TestVms.finish(vm);
      log.collect(ram, dirty);
      PageBitmap changed = changed(ram, MemorySegment.ofArray(before), pagesForAWrite);
      assertThat(changed.count()).isPositive();
      for (long page = 0; page < dirty.pageCount(); page++) {
        boolean missing = changed.get(page) && !dirty.get(page);
        assertThat(missing).as("page %d was written, not logged, seed %d", page, seed).isFalse();
      }
      // A page is dirty but unchanged if a store wrote the value that it had.
      assertThat(dirty.count()).isBetween(changed.count(), changed.count() + pagesForAWrite);
      assertThat(dirty.count()).isLessThanOrEqualTo(2L * operations * pagesForAWrite);
    }
  }

  private static PageBitmap changed(MemoryRegion ram, MemorySegment before, int pagesForAWrite) {
    PageBitmap changed = new PageBitmap(ram.basePageCount());
    long granule = ram.basePageBytes() * pagesForAWrite;
    for (long offset = 0; offset < ram.sizeBytes(); offset += granule) {
      MemorySegment now = ram.guest().data().asSlice(offset, granule);
      if (now.mismatch(before.asSlice(offset, granule)) >= 0) {
        long page = offset / ram.basePageBytes();
        changed.set(page, page + pagesForAWrite);
      }
    }
    return changed;
  }

  @Test
  void mmuHasOneLogAtATime() throws Exception {
    SimulatedVm vm = vm("simulated", "anonymous", 1000);
    PageBitmap dirty = new PageBitmap(vm.ram().basePageCount());
    try (DirtyLog first = vm.dirtyLog();
        DirtyLog second = vm.dirtyLog()) {
      assertThatThrownBy(() -> first.collect(vm.ram(), dirty))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("start the log first");
      first.start();
      assertThatThrownBy(second::start)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("another log");
      vm.start();
      TestVms.finish(vm);
      first.collect(vm.ram(), dirty);
      assertThat(dirty.count()).as("pages in the log that was open before").isPositive();
    }
    try (DirtyLog third = vm.dirtyLog()) {
      third.start();
      PageBitmap nothing = new PageBitmap(vm.ram().basePageCount());
      third.collect(vm.ram(), nothing);
      assertThat(nothing.count()).isZero();
    }
  }

  private static DirtyLog log(SimulatedVm vm, String kind) {
    return kind.equals("vm") ? vm.dirtyLog() : vm.writeProtectLog();
  }

  private SimulatedVm vm(String engine, String backingName, long operations) throws IOException {
    boolean real = engine.equals("kernel");
    Kernel kernel = real ? TestHost.KERNEL : new SimulatedKernel();
    assumeTrue(kernel.supportedFeatures().contains(Feature.WP_ASYNC), "no WP_ASYNC here");
    Backing backing = backing(backingName);
    long bytes = Math.max(8 * TestHost.MIB, kernel.pageSizeBytes(backing.pageSize()));
    int vcpus = backing.pageSize() == PageSize.HUGE_1G ? 1 : 2;
    if (backing.pageSize().isHuge()) {
      HugePageLoan loan =
          HugePageLoan.borrow(kernel, backing.pageSize(), bytes >> backing.pageSize().shift());
      open.add(loan);
      assumeTrue(loan.shortage().isEmpty(), () -> loan.shortage().orElse(""));
    }
    SimulatedVm vm =
        SimulatedVm.create(
            kernel,
            SimulatedVmConfig.of(bytes, backing, vcpus, Workload.UNIFORM, seed)
                .withOpsPerVcpu(operations));
    open.add(vm);
    return vm;
  }

  private Backing backing(String name) throws IOException {
    return switch (name) {
      case "anonymous" -> Backing.ANONYMOUS;
      case "shmem" -> Backing.SHMEM;
      case "hugetlb-2m" -> Backing.HUGETLB_2M;
      case "hugetlb-1g" -> Backing.HUGETLB_1G;
      default -> {
        Path shm = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(shm), "no tmpfs at /dev/shm");
        Path file = Files.createTempFile(shm, "faultline-test-", "");
        open.add(() -> Files.deleteIfExists(file));
        yield Backing.file(file, PageSize.BASE);
      }
    };
  }
}
