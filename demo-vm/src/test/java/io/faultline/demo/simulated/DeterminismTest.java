package io.faultline.demo.simulated;

import static io.faultline.demo.simulated.TestVms.config;
import static io.faultline.demo.testing.TestHost.KERNEL;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The same configuration computes the same result, however the VM is interrupted or migrated. */
final class DeterminismTest {
  @ParameterizedTest
  @EnumSource(Workload.class)
  void twoRunsAndTheReferenceAreEqual(Workload workload) throws Exception {
    try (SimulatedVm one = SimulatedVm.create(KERNEL, config(workload, 1));
        SimulatedVm two = SimulatedVm.create(KERNEL, config(workload, 1))) {
      one.start();
      two.start();
      TestVms.finish(one);
      TestVms.finish(two);
      assertThat(one.memoryDigest()).isEqualTo(two.memoryDigest());
      assertThat(one.vcpuDigest()).isEqualTo(two.vcpuDigest());
      TestVms.assertEqualToReference(one);
    }
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void anotherSeedComputesAnotherResult(Workload workload) {
    long[] operations = {1000, 1000};
    ReferenceRun one = ReferenceRun.run(KERNEL, config(workload, 1), operations);
    ReferenceRun two = ReferenceRun.run(KERNEL, config(workload, 2), operations);
    assertThat(one.memory()).isNotEqualTo(two.memory());
    assertThat(one.vcpus()).isNotEqualTo(two.vcpus());
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void pausesAtRandomPointsDoNotChangeTheResult(Workload workload) throws Exception {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, config(workload, seed))) {
      vm.start();
      for (int i = 0; i < 50; i++) {
        Thread.sleep(0, random.nextInt(400_000));
        vm.pause();
        if (random.nextBoolean()) {
          assertThat(vm.opsDone()).isEqualTo(opsAfterAMoment(vm));
        }
        vm.resume();
      }
      TestVms.finish(vm);
      TestVms.assertEqualToReference(vm);
    }
  }

  @ParameterizedTest
  @CsvSource({"SEQUENTIAL, 0.5", "UNIFORM, 0.01", "ZIPF, 0", "POINTER_CHASE, 0.9"})
  void paceAndPausesDoNotChangeTheResult(Workload workload, double fraction) throws Exception {
    SimulatedVmConfig config = config(workload, 4).withWriteFraction(fraction);
    ReferenceRun fast = ReferenceRun.run(KERNEL, config, new long[] {200_000, 200_000});
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, config.withPace(1_000_000))) {
      vm.start();
      for (int i = 0; i < 50; i++) {
        Thread.sleep(1);
        vm.pause();
        vm.resume();
      }
      TestVms.finish(vm);
      assertThat(fast.equalTo(vm)).isTrue();
      TestVms.assertEqualToReference(vm);
    }
  }

  @Test
  void endlessVmEqualsTheReferenceWhenPaused() throws Exception {
    try (SimulatedVm vm =
        SimulatedVm.create(KERNEL, config(Workload.UNIFORM, 3).withOpsPerVcpu(0))) {
      vm.start();
      Thread.sleep(20);
      vm.pause();
      assertThat(vm.opsDone()).doesNotContain(0);
      TestVms.assertEqualToReference(vm);
    }
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void migratedVmEqualsTheReference(Workload workload) throws Exception {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("seed " + seed);
    try (SimulatedVm here = SimulatedVm.create(KERNEL, config(workload, seed));
        SimulatedDestination there = new SimulatedDestination(KERNEL)) {
      SimulatedSource source = new SimulatedSource(here);
      here.start();
      Thread.sleep(3);
      source.pause();
      there.prepare(source.type(), source.configuration(), TestVms.announced(here));
      SimulatedVm moved = there.vm().orElseThrow();
      MemorySegment.copy(
          here.ram().guest().data(), 0, moved.ram().guest().data(), 0, here.config().ramBytes());
      there.loadDeviceState(source.deviceState(), 0);
      assertThat(moved.opsDone()).isEqualTo(here.opsDone());
      there.start(nanoTime -> {});
      TestVms.finish(moved);
      TestVms.assertEqualToReference(moved);
    }
  }

  private static long[] opsAfterAMoment(SimulatedVm vm) throws InterruptedException {
    Thread.sleep(1);
    return vm.opsDone();
  }
}
