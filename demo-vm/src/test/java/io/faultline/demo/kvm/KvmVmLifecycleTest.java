package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.demo.kvm.linux.KvmVcpu;
import io.faultline.demo.kvm.linux.Regs;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.testing.TestHost;
import io.faultline.demo.testing.VcpuProgress;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A KVM VM is started, paused, resumed and stopped. */
final class KvmVmLifecycleTest {
  private static final int PAUSES = 100_000;

  @AfterEach
  void noVcpuThreadIsLeft() {
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("kvm-vcpu-"));
  }

  /** If a kick were lost, its pause would wait until it fails. */
  @Test
  void noKickIsLostInAHundredThousandPausesUnderLoad() throws Exception {
    KvmVmConfig config = TestKvmVms.endless(Workload.UNIFORM, 2, 21).withTickShift(12);
    AtomicInteger lines = new AtomicInteger();
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(config, line -> lines.incrementAndGet())) {
      vm.start();
      for (int i = 0; i < PAUSES; i++) {
        vm.pause();
        if (i % 1000 == 0) {
          assertStandsStill(vm);
        }
        vm.resume();
      }
      assertThat(Arrays.stream(vm.opsDone()).min().orElseThrow()).isGreaterThan(PAUSES);
      TestKvmVms.assertStopsAndEqualsReference(host, vm);
      assertThat(lines).hasValue((int) (vm.opsDone()[0] >> 12));
    }
  }

  /** A kick still pending when the thread ends would end this process, by its default action. */
  @Test
  void kickAfterTheLastEntryIsTakenBackBeforeTheThreadEnds() throws Exception {
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(TestKvmVms.endless(Workload.UNIFORM, 1, 27), line -> {})) {
      KvmVcpu vcpu = vm.vcpus().getFirst().kvm();
      Thread thread =
          new Thread(
              () -> {
                vcpu.bindThread();
                vcpu.kick();
                vcpu.releaseThread();
              },
              "kvm-vcpu-kicked");
      thread.start();
      assertThat(thread.join(TestHost.LIMIT)).isTrue();
    }
  }

  private static void assertStandsStill(KvmVm vm) throws InterruptedException {
    long[] operations = vm.opsDone();
    byte[] state = vm.vcpus().getFirst().kvm().regs().bytes();
    TimeUnit.MICROSECONDS.sleep(100);
    assertThat(vm.opsDone()).isEqualTo(operations);
    assertThat(vm.vcpus().getFirst().kvm().regs().bytes()).isEqualTo(state);
  }

  @Test
  void vmStoppedBetweenOperationsEqualsTheReferenceAndContinues() throws Exception {
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(TestKvmVms.endless(Workload.ZIPF, 3, 22), line -> {})) {
      vm.start();
      long before = 0;
      for (int i = 0; i < 5; i++) {
        VcpuProgress.awaitOperationsAfter(vm.opsDone(), vm::opsDone);
        TestKvmVms.assertStopsAndEqualsReference(host, vm);
        assertThat(Arrays.stream(vm.opsDone()).sum()).isGreaterThan(before);
        before = Arrays.stream(vm.opsDone()).sum();
        vm.resume();
      }
    }
  }

  @Test
  void vcpusStopAtTheirLimit() throws Exception {
    KvmVmConfig config =
        KvmVmConfig.of(TestKvmVms.programs(Workload.UNIFORM, 2, 23).withOpsPerVcpu(777));
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(config, line -> {})) {
      assertThat(vm.awaitFinished(Duration.ZERO)).as("finished before the start").isFalse();
      vm.start();
      TestKvmVms.finish(vm);
      vm.pause();
      vm.resume();
      TestKvmVms.finish(vm);
      assertThat(vm.opsDone()).containsExactly(777, 777);
      assertThat(vm.stopBetweenOperations(TestHost.LIMIT)).isTrue();
      assertThat(vm.opsDone()).containsExactly(777, 777);
    }
  }

  @Test
  void abandonEndsRunningAndParkedVcpus() throws Exception {
    try (KvmHost host = TestKvmVms.host()) {
      for (boolean parked : new boolean[] {false, true}) {
        try (KvmVm vm = host.create(TestKvmVms.endless(Workload.UNIFORM, 2, 24), line -> {})) {
          vm.start();
          Thread.sleep(5);
          if (parked) {
            vm.pause();
          }
          vm.abandon();
          long[] operations = vm.opsDone();
          vm.resume();
          Thread.sleep(5);
          assertThat(vm.opsDone()).isEqualTo(operations);
          assertThat(vm.awaitFinished(TestHost.LIMIT)).as("finished although stopped").isFalse();
        }
      }
    }
  }

  @Test
  void firstInstructionIsReportedOnce() throws Exception {
    AtomicInteger reports = new AtomicInteger();
    KvmVmConfig config =
        KvmVmConfig.of(TestKvmVms.programs(Workload.UNIFORM, 3, 25).withOpsPerVcpu(1));
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(config, line -> {})) {
      vm.start(nanoTime -> reports.incrementAndGet());
      TestKvmVms.finish(vm);
      assertThat(reports).hasValue(1);
      assertThatThrownBy(vm::start).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void tripleFaultIsReportedWithTheRegisters() throws Exception {
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(TestKvmVms.endless(Workload.UNIFORM, 1, 26), line -> {})) {
      // No page table maps this address: a page fault, for which the guest has no handler.
      vm.vcpus()
          .getFirst()
          .kvm()
          .setRegs(vm.vcpus().getFirst().kvm().regs().set(Regs.Name.RIP, 1L << 40));
      vm.start();
      assertThatThrownBy(() -> vm.awaitFinished(TestHost.LIMIT))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("vCPU 0 failed: triple fault; rax=0 ")
          .hasMessageContaining("rip=10000000000 ");
    }
  }
}
