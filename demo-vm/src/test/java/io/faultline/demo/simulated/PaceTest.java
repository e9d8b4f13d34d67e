package io.faultline.demo.simulated;

import static io.faultline.demo.simulated.TestVms.config;
import static io.faultline.demo.testing.TestHost.KERNEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.demo.testing.TestHost;
import io.faultline.demo.testing.VcpuProgress;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.PageBitmap;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** VMs with a pace, which sleep between operations. */
@Timeout(120)
final class PaceTest {
  private static final SimulatedVmConfig ENDLESS = config(Workload.UNIFORM, 1).withOpsPerVcpu(0);
  private static final long MS = 1_000_000;

  /** Its vCPUs sleep for a second: far longer than a busy machine usually delays a thread. */
  private static final SimulatedVmConfig NEARLY_IDLE = ENDLESS.withPace(1);

  private static final long HALF_ITS_SLEEP_NANOS = 500 * MS;

  @Test
  void vmKeepsItsPaceAndLeavesTheProcessorIdle() throws Exception {
    long pace = 50_000;
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS.withPace(pace))) {
      long start = System.nanoTime();
      vm.start();
      await().atMost(TestHost.LIMIT).until(() -> keepsUp(vm, pace));
      long busy = processorNanosOfVcpus();
      vm.pause();
      double seconds = (System.nanoTime() - start) / 1e9;
      for (long operations : vm.opsDone()) {
        assertThat((double) operations).isLessThan(pace * (seconds + 0.002));
      }
      assertThat(busy).as("processor time of both vCPUs, ns").isLessThan((long) (seconds * 1e9));
      TestVms.assertEqualToReference(vm);
    }
  }

  /** Whether a vCPU does half of its pace for a while: on a busy machine, it may not always. */
  private static boolean keepsUp(SimulatedVm vm, long pace) throws InterruptedException {
    long start = System.nanoTime();
    long before = vm.opsDone()[0];
    TimeUnit.MILLISECONDS.sleep(300);
    double done = vm.opsDone()[0] - before;
    return done > pace * ((System.nanoTime() - start) / 1e9) * 0.5;
  }

  private static long processorNanosOfVcpus() {
    var threads = ManagementFactory.getThreadMXBean();
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("vcpu-"))
        .mapToLong(thread -> threads.getThreadCpuTime(thread.threadId()))
        .sum();
  }

  @Test
  void pauseAndCollectWakeSleepingVcpus() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, NEARLY_IDLE);
        DirtyLog log = vm.dirtyLog()) {
      log.start();
      vm.start();
      VcpuProgress.awaitFirstOperations(vm::opsDone);
      PageBitmap dirty = new PageBitmap(vm.ram().basePageCount());
      long[] pauses = new long[20];
      long[] collects = new long[pauses.length];
      for (int n = 0; n < pauses.length; n++) {
        TimeUnit.MILLISECONDS.sleep(2); // so that the vCPUs sleep again
        long start = System.nanoTime();
        vm.pause();
        pauses[n] = System.nanoTime() - start;
        vm.resume();
        TimeUnit.MILLISECONDS.sleep(2);
        start = System.nanoTime();
        log.collect(vm.ram(), dirty);
        collects[n] = System.nanoTime() - start;
      }
      // Without, most would take until the next operation, nearly a second.
      assertThat(median(pauses)).as("ns of a pause").isLessThan(HALF_ITS_SLEEP_NANOS);
      assertThat(median(collects)).as("ns of a collect").isLessThan(HALF_ITS_SLEEP_NANOS);
    }
  }

  private static long median(long[] values) {
    return Arrays.stream(values).sorted().toArray()[values.length / 2];
  }

  @Test
  void vcpuThatIsWokenEarlyDoesNoExtraOperation() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, NEARLY_IDLE)) {
      long start = System.nanoTime();
      vm.start();
      VcpuProgress.awaitFirstOperations(vm::opsDone);
      for (int n = 0; n < 100; n++) {
        vm.pause();
        vm.resume();
      }
      vm.pause();
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
      assertThat(Arrays.stream(vm.opsDone()).max().orElseThrow()).isBetween(1L, 2 + seconds);
    }
  }

  @Test
  void abandonDoesNotWaitForSleepingVcpus() throws Exception {
    await().atMost(TestHost.LIMIT).until(() -> abandonNanos() < HALF_ITS_SLEEP_NANOS);
  }

  private static long abandonNanos() {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, NEARLY_IDLE)) {
      vm.start();
      VcpuProgress.awaitFirstOperations(vm::opsDone);
      long start = System.nanoTime();
      vm.abandon();
      return System.nanoTime() - start;
    }
  }

  @Test
  void vcpuDoesNotSleepAfterItsLastOperation() throws Exception {
    await().atMost(TestHost.LIMIT).until(PaceTest::endsAfterItsOnlyOperation);
  }

  private static boolean endsAfterItsOnlyOperation() throws InterruptedException {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, NEARLY_IDLE.withOpsPerVcpu(1))) {
      vm.start();
      return vm.awaitFinished(Duration.ofMillis(700));
    }
  }

  @Test
  void sleepIsNoGap() {
    await().atMost(TestHost.LIMIT).until(() -> longestGapNanos() < HALF_ITS_SLEEP_NANOS);
  }

  /** The longest gap of vCPUs that have slept, and on a busy machine came late. */
  private static long longestGapNanos() {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, NEARLY_IDLE)) {
      vm.start();
      VcpuProgress.awaitFirstOperations(vm::opsDone);
      VcpuProgress.awaitOperationsAfter(vm.opsDone(), vm::opsDone);
      vm.pause();
      return Arrays.stream(vm.times().longestGapNanos()).max().orElseThrow();
    }
  }

  @Test
  void pauseIsAGap() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS.withPace(2))) {
      vm.start();
      VcpuProgress.awaitFirstOperations(vm::opsDone);
      vm.pause();
      long[] before = vm.opsDone();
      TimeUnit.MILLISECONDS.sleep(1500);
      vm.resume();
      VcpuProgress.awaitOperationsAfter(before, vm::opsDone);
      vm.pause();
      assertThat(Arrays.stream(vm.times().longestGapNanos()).min().orElseThrow())
          .isGreaterThan(900 * MS);
    }
  }

  @Test
  void sleepingVmMeasuresThePauseOfItsMigration() throws Exception {
    try (SimulatedVm here = SimulatedVm.create(KERNEL, NEARLY_IDLE);
        SimulatedVm there = SimulatedVm.create(KERNEL, NEARLY_IDLE)) {
      here.start();
      VcpuProgress.awaitFirstOperations(here::opsDone);
      TimeUnit.MILLISECONDS.sleep(600);
      long start = System.nanoTime();
      here.pause();
      MemorySegment.copy(
          here.ram().guest().data(), 0, there.ram().guest().data(), 0, here.config().ramBytes());
      there.loadState(here.state(), 0);
      TimeUnit.MILLISECONDS.sleep(20);
      there.start();
      while (there.times().guestPauseNanos().isEmpty()) { // the test's timeout ends this
        TimeUnit.MILLISECONDS.sleep(1);
      }
      long atMost = System.nanoTime() - start;
      assertThat(there.times().guestPauseNanos().orElseThrow()).isBetween(20 * MS, atMost);
    }
  }
}
