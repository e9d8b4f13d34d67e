package io.faultline.demo.simulated;

import static io.faultline.demo.simulated.TestVms.config;
import static io.faultline.demo.testing.TestHost.KERNEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.demo.testing.TestHost;
import io.faultline.demo.testing.VcpuProgress;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.PageBitmap;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A simulated VM is started, paused, resumed and stopped. */
@Timeout(120)
final class SimulatedVmLifecycleTest {
  private static final SimulatedVmConfig ENDLESS = config(Workload.UNIFORM, 1).withOpsPerVcpu(0);

  @AfterEach
  void noVcpuThreadIsLeft() {
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("vcpu-"));
  }

  @Test
  void eachOfAThousandPausesStopsAllVcpus() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS)) {
      vm.start();
      // Without this, all pauses may be over before a vCPU's thread runs.
      VcpuProgress.awaitFirstOperations(vm::opsDone);
      for (int i = 0; i < 1000; i++) {
        vm.pause();
        long[] operations = vm.opsDone();
        MemoryDigest memory = i % 100 == 0 ? vm.memoryDigest() : null;
        assertThat(vm.opsDone()).isEqualTo(operations);
        if (memory != null) {
          assertThat(vm.memoryDigest()).isEqualTo(memory);
        }
        vm.resume();
      }
      vm.pause();
      assertThat(vm.opsDone()).doesNotContain(0);
      TestVms.assertEqualToReference(vm);
    }
  }

  @Test
  void collectingDirtyPagesAThousandTimesDoesNotDisturbTheGuest() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS);
        DirtyLog log = vm.dirtyLog()) {
      log.start();
      vm.start();
      PageBitmap dirty = new PageBitmap(vm.ram().basePageCount());
      for (int i = 0; i < 1000; i++) {
        log.collect(vm.ram(), dirty);
      }
      VcpuProgress.awaitOperationsAfter(vm.opsDone(), vm::opsDone);
      vm.pause();
      TestVms.assertEqualToReference(vm);
    }
  }

  @Test
  void vcpusStopAtTheirLimit() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS.withOpsPerVcpu(777))) {
      assertThat(vm.awaitFinished(Duration.ZERO)).as("finished before the start").isFalse();
      vm.start();
      TestVms.finish(vm);
      assertThat(vm.opsDone()).containsExactly(777, 777);
      vm.pause();
      vm.resume();
      assertThat(vm.opsDone()).containsExactly(777, 777);
    }
  }

  @Test
  void firstInstructionIsReportedOnceEvenIfNoOperationIsLeft() throws Exception {
    AtomicInteger reports = new AtomicInteger();
    SimulatedVmConfig config = ENDLESS.withOpsPerVcpu(1);
    try (SimulatedVm one = SimulatedVm.create(KERNEL, config);
        SimulatedVm two = SimulatedVm.create(KERNEL, config)) {
      one.start(nanoTime -> reports.incrementAndGet());
      TestVms.finish(one);
      assertThat(reports).hasValue(1);
      two.loadState(one.state(), 0);
      two.start(nanoTime -> reports.incrementAndGet());
      TestVms.finish(two);
      assertThat(reports).hasValue(2);
      assertThat(two.times().guestPauseNanos()).hasValue(0);
      assertThatThrownBy(two::start).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void awaitingAnEndlessVmTimesOut() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS)) {
      vm.start();
      assertThat(vm.awaitFinished(Duration.ofMillis(20))).isFalse();
      vm.abandon();
      assertThat(vm.awaitFinished(TestHost.LIMIT)).as("finished although abandoned").isFalse();
    }
  }

  @Test
  void abandonEndsRunningAndParkedVcpus() throws Exception {
    for (boolean parked : new boolean[] {false, true}) {
      try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS)) {
        vm.start();
        if (parked) {
          vm.pause();
        }
        vm.abandon();
        long[] operations = vm.opsDone();
        vm.resume();
        TimeUnit.MILLISECONDS.sleep(5);
        assertThat(vm.opsDone()).isEqualTo(operations);
      }
    }
  }

  @Test
  void failureOfAVcpuIsThrownToTheWaitingThread() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS)) {
      vm.start(
          nanoTime -> {
            throw new IllegalArgumentException("broken listener");
          });
      assertThatThrownBy(() -> vm.awaitFinished(TestHost.LIMIT))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("broken listener");
    }
  }

  @Test
  void guestMeasuresAPauseAsItsLongestGap() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS)) {
      vm.start();
      vm.pause();
      TimeUnit.MILLISECONDS.sleep(200);
      long[] before = vm.opsDone();
      vm.resume();
      VcpuProgress.awaitOperationsAfter(before, vm::opsDone);
      vm.pause();
      for (long gap : vm.times().longestGapNanos()) {
        assertThat(gap).isBetween(200_000_000L, 2_000_000_000L);
      }
    }
  }
}
