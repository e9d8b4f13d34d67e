package io.faultline.demo.simulated;

import static io.faultline.demo.simulated.TestVms.KERNEL;
import static io.faultline.demo.simulated.TestVms.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.demo.vm.FirstOperations;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.PageBitmap;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Starting, pausing, stopping. */
@Timeout(120)
final class SimulatedVmLifecycleTest {
  private static final SimulatedVmConfig ENDLESS = config(Workload.UNIFORM, 1).withOpsPerVcpu(0);

  @AfterEach
  void noVcpuThreadIsLeft() {
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("vcpu-"));
  }

  @Test
  void aThousandPausesUnderLoadEachStopAllVcpus() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS)) {
      vm.start();
      FirstOperations.areDone(
          vm::opsDone); // a thousand pauses may be over before a thread is there
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
  void aThousandGatheringsLeaveTheGuestAsItIs() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS);
        DirtyLog log = vm.dirtyLog()) {
      log.start();
      vm.start();
      PageBitmap told = new PageBitmap(vm.ram().basePageCount());
      for (int i = 0; i < 1000; i++) {
        log.collect(vm.ram(), told);
      }
      awaitOperations(vm, vm.opsDone());
      vm.pause();
      TestVms.assertEqualToReference(vm);
    }
  }

  @Test
  void vcpusStopByThemselvesAtTheirLimit() throws Exception {
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
  void theFirstInstructionIsToldOnceAlsoWhereNoOperationIsLeft() throws Exception {
    AtomicInteger told = new AtomicInteger();
    SimulatedVmConfig config = ENDLESS.withOpsPerVcpu(1);
    try (SimulatedVm one = SimulatedVm.create(KERNEL, config);
        SimulatedVm two = SimulatedVm.create(KERNEL, config)) {
      one.start(nanoTime -> told.incrementAndGet());
      TestVms.finish(one);
      assertThat(told).hasValue(1);
      two.loadState(one.state(), 0);
      two.start(nanoTime -> told.incrementAndGet());
      TestVms.finish(two);
      assertThat(told).hasValue(2);
      assertThat(two.guestPauseNanos()).hasValue(0);
      assertThatThrownBy(two::start).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void awaitingAnEndlessVmReturnsAfterTheTime() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS)) {
      vm.start();
      assertThat(vm.awaitFinished(Duration.ofMillis(20))).isFalse();
      vm.abandon();
      assertThat(vm.awaitFinished(TestVms.LIMIT)).as("finished, though abandoned").isFalse();
    }
  }

  @Test
  void abandonEndsVcpusThatRunAndThoseThatAreParked() throws Exception {
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
  void aFailureOfAVcpuIsToldToWhoeverWaits() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS)) {
      vm.start(
          nanoTime -> {
            throw new IllegalArgumentException("broken listener");
          });
      assertThatThrownBy(() -> vm.awaitFinished(TestVms.LIMIT))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("broken listener");
    }
  }

  @Test
  void thePauseIsTheLongestGapThatTheGuestSaw() throws Exception {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, ENDLESS)) {
      vm.start();
      vm.pause();
      TimeUnit.MILLISECONDS.sleep(200);
      long[] before = vm.opsDone();
      vm.resume();
      awaitOperations(vm, before);
      vm.pause();
      for (long gap : vm.longestGapNanos()) {
        assertThat(gap).isBetween(200_000_000L, 2_000_000_000L);
      }
    }
  }

  /** However busy the machine is: a vCPU that was let go on may not run for a while. */
  private static void awaitOperations(SimulatedVm vm, long[] before) throws InterruptedException {
    for (int vcpu = 0; vcpu < before.length; vcpu++) {
      while (vm.opsDone()[vcpu] == before[vcpu]) { // the test's timeout ends this
        TimeUnit.MILLISECONDS.sleep(1);
      }
    }
  }
}
