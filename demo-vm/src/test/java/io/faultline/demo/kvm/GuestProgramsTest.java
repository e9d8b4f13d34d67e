package io.faultline.demo.kvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.demo.simulated.MemoryDigest;
import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.testing.TestHost;
import io.faultline.demo.testing.VcpuProgress;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The guest's native programs compute the same results as those in Java. */
final class GuestProgramsTest {
  @ParameterizedTest
  @CsvSource({
    "SEQUENTIAL, 1",
    "SEQUENTIAL, 4",
    "UNIFORM, 1",
    "UNIFORM, 3",
    "ZIPF, 2",
    "POINTER_CHASE, 2"
  })
  void guestComputesTheSameAsTheReference(Workload workload, int vcpus) throws Exception {
    KvmVmConfig config =
        KvmVmConfig.of(TestKvmVms.programs(workload, vcpus, 11).withOpsPerVcpu(300_001));
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(config, line -> {})) {
      vm.start();
      TestKvmVms.finish(vm);
      assertThat(vm.opsDone()).containsOnly(300_001);
      assertThat(host.verify(vm)).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SEQUENTIAL, 0",
    "UNIFORM, 0",
    "UNIFORM, 0.01",
    "UNIFORM, 0.5",
    "UNIFORM, 1",
    "ZIPF, 0.01",
    "POINTER_CHASE, 0.01",
    "POINTER_CHASE, 0.5"
  })
  void guestWritesAsOftenAsTheReference(Workload workload, double fraction) throws Exception {
    KvmVmConfig config =
        KvmVmConfig.of(
            TestKvmVms.programs(workload, 2, 15)
                .withOpsPerVcpu(300_001)
                .withWriteFraction(fraction));
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(config, line -> {})) {
      MemoryDigest before = vm.memoryDigest();
      vm.start();
      TestKvmVms.finish(vm);
      assertThat(vm.opsDone()).containsOnly(300_001);
      assertThat(vm.memoryDigest().equals(before)).as("RAM unchanged").isEqualTo(fraction == 0);
      assertThat(host.verify(vm)).isTrue();
    }
  }

  /** So equal digests prove that the fraction was applied. */
  @Test
  void resultDependsOnTheWriteFraction() throws Exception {
    SimulatedVmConfig programs = TestKvmVms.programs(Workload.UNIFORM, 1, 16).withOpsPerVcpu(5000);
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(KvmVmConfig.of(programs.withWriteFraction(0.010001)), line -> {})) {
      vm.start();
      TestKvmVms.finish(vm);
      ReferenceRun same =
          ReferenceRun.run(TestHost.KERNEL, programs.withWriteFraction(0.010001), vm.opsDone());
      ReferenceRun other =
          ReferenceRun.run(TestHost.KERNEL, programs.withWriteFraction(0.02), vm.opsDone());
      assertThat(same.memory()).isEqualTo(vm.memoryDigest());
      assertThat(other.memory()).isNotEqualTo(vm.memoryDigest());
    }
  }

  @Test
  void paceIsRefused() {
    SimulatedVmConfig paced = TestKvmVms.programs(Workload.UNIFORM, 1, 17).withPace(1000);
    assertThatThrownBy(() -> KvmVmConfig.of(paced))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a pace of 1000 operations/s; KVM guests always run at full speed: omit --pace");
  }

  @Test
  void oneWrongBitInMemoryIsDetected() throws Exception {
    KvmVmConfig config =
        KvmVmConfig.of(TestKvmVms.programs(Workload.UNIFORM, 2, 12).withOpsPerVcpu(1000));
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(config, line -> {})) {
      vm.start();
      TestKvmVms.finish(vm);
      for (int region = 0; region < vm.regions().size(); region++) {
        flipFirstBit(vm, region);
        assertThat(host.verify(vm)).as("a flipped bit in region " + region).isFalse();
        flipFirstBit(vm, region);
      }
      assertThat(host.verify(vm)).isTrue();
    }
  }

  private static void flipFirstBit(KvmVm vm, int region) {
    MemorySegment memory = vm.regions().get(region).guest().data();
    byte before = memory.get(JAVA_BYTE, 0);
    memory.set(JAVA_BYTE, 0, (byte) (before ^ 1));
  }

  @Test
  void consoleCountsOperations() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    KvmVmConfig config =
        KvmVmConfig.of(TestKvmVms.programs(Workload.UNIFORM, 2, 13).withOpsPerVcpu(100_000))
            .withTickShift(10);
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(config, lines::add)) {
      vm.start();
      TestKvmVms.finish(vm);
      assertThat(lines).hasSize(97).isEqualTo(TestKvmVms.ticks(config, 100_000));
      assertThat(host.verify(vm)).isTrue();
    }
  }

  @Test
  void runningGuestReportsItsOperationsAndItsLongestGap() throws Exception {
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(TestKvmVms.endless(Workload.UNIFORM, 2, 14), line -> {})) {
      vm.start();
      VcpuProgress.awaitFirstOperations(vm::opsDone);
      long beforePause = System.nanoTime();
      vm.pause();
      Thread.sleep(200);
      long[] before = vm.opsDone();
      vm.resume();
      VcpuProgress.awaitOperationsAfter(before, vm::opsDone);
      VcpuProgress.awaitOperationsAfter(vm.opsDone(), vm::opsDone);
      long sincePause = System.nanoTime() - beforePause;
      for (long gap : vm.times().longestGapNanos()) {
        assertThat(gap).isBetween(200_000_000L, sincePause + 500_000_000L);
      }
      TestKvmVms.assertStopsAndEqualsReference(host, vm);
      VcpuFaults seen = VcpuFaults.merged(vm.times().faults());
      assertThat(seen.count()).isPositive().isEqualTo(seen.latencyNanos().getTotalCount());
      assertThat(seen.blockedNanos()).isGreaterThan(2 * 200_000_000L);
    }
  }
}
