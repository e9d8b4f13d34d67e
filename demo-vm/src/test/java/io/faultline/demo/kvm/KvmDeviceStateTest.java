package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.faultline.demo.kvm.linux.Msrs;
import io.faultline.demo.kvm.state.KvmState;
import io.faultline.demo.kvm.state.KvmVcpuState;
import io.faultline.demo.kvm.state.Msr;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.testing.VcpuProgress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The state of a VM is loaded into another. */
final class KvmDeviceStateTest {
  private static final long SECOND_NANOS = 1_000_000_000;

  @ParameterizedTest
  @CsvSource({
    "SEQUENTIAL, 1, 0",
    "UNIFORM, 2, 5000000000",
    "ZIPF, 3, -5000000000",
    "POINTER_CHASE, 4, 0",
    "UNIFORM, 4, 0"
  })
  void vmContinuedFromLoadedStateEqualsTheReference(Workload workload, int vcpus, long clockOffset)
      throws Exception {
    KvmVmConfig config = TestKvmVms.endless(workload, vcpus, 31).withTickShift(10);
    List<String> lines = new CopyOnWriteArrayList<>();
    try (KvmHost host = TestKvmVms.host();
        KvmVm here = host.create(config, lines::add);
        KvmVm there = prepared(host, config, lines)) {
      here.start();
      VcpuProgress.awaitFirstOperations(here::opsDone);
      Thread.sleep(20);
      long beforePause = System.nanoTime();
      here.pause();
      TestKvmVms.copyMemory(here, there);
      KvmState state = KvmState.parseFrom(here.state());
      KvmState shifted =
          state.toBuilder().setTakenAtNanos(state.getTakenAtNanos() - clockOffset).build();
      Thread.sleep(30);
      there.loadState(shifted.toByteString(), clockOffset);
      there.start();
      VcpuProgress.awaitOperationsAfter(here.opsDone(), there::opsDone);
      TestKvmVms.assertStopsAndEqualsReference(host, there);
      assertThat(there.times().guestPauseNanos().orElseThrow())
          .isBetween(
              Duration.ofMillis(30).toNanos(), System.nanoTime() - beforePause + SECOND_NANOS);
      assertThat(lines).isEqualTo(TestKvmVms.ticks(config, there.opsDone()[0]));
    }
  }

  /** No tick and no operation is lost or repeated. */
  @Test
  void consoleIsUnbrokenOverManyMoves() throws Exception {
    KvmVmConfig config = TestKvmVms.endless(Workload.ZIPF, 2, 32).withTickShift(8);
    List<String> lines = new CopyOnWriteArrayList<>();
    try (KvmHost host = TestKvmVms.host()) {
      KvmVm vm = host.create(config, lines::add);
      try {
        vm.start();
        for (int move = 1; move <= 30; move++) {
          Thread.sleep(0, 300_000 + move * 77_777 % 400_000);
          vm.pause();
          KvmVm next = prepared(host, config, lines);
          TestKvmVms.copyMemory(vm, next);
          next.loadState(vm.state(), 0);
          vm.close();
          vm = next;
          vm.start();
        }
        TestKvmVms.assertStopsAndEqualsReference(host, vm);
        assertThat(lines).isEqualTo(TestKvmVms.ticks(config, vm.opsDone()[0]));
      } finally {
        vm.close();
      }
    }
  }

  @Test
  void savedStateEqualsTheLoadedState() throws Exception {
    KvmVmConfig config = TestKvmVms.endless(Workload.UNIFORM, 2, 33);
    try (KvmHost host = TestKvmVms.host();
        KvmVm here = host.create(config, line -> {});
        KvmVm there = prepared(host, config, new CopyOnWriteArrayList<>())) {
      here.start();
      Thread.sleep(10);
      here.pause();
      KvmState before = KvmState.parseFrom(here.state());
      there.loadState(before.toByteString(), 0);
      KvmState after = KvmState.parseFrom(there.state());
      for (int n = 0; n < 2; n++) {
        KvmVcpuState one = before.getVcpus(n);
        KvmVcpuState two = after.getVcpus(n);
        assertThat(two.getMsrsList()).isEqualTo(one.getMsrsList()).hasSizeGreaterThan(10);
        assertThat(two.getPartsMap().keySet())
            .isEqualTo(one.getPartsMap().keySet())
            .contains("REGS", "SREGS", "XSAVE", "DEBUGREGS", "EVENTS", "MP_STATE");
        one.getPartsMap().keySet().stream()
            .filter(part -> !part.equals("REGS"))
            .forEach(
                part ->
                    assertThat(two.getPartsOrThrow(part))
                        .as(part)
                        .isEqualTo(one.getPartsOrThrow(part)));
        assertThat(two.getPartsOrThrow("REGS"))
            .isEqualTo(
                ByteString.copyFrom(
                    GuestState.markArrived(one.getPartsOrThrow("REGS").toByteArray())));
        assertThat(two.getTsc()).as("TSC").isGreaterThan(one.getTsc());
      }
      assertThat(after.getClockNanos()).isGreaterThan(before.getClockNanos());
    }
  }

  @Test
  void stateThatDoesNotFitIsRefusedWithTheReason() throws Exception {
    KvmVmConfig config = TestKvmVms.endless(Workload.UNIFORM, 1, 34);
    try (KvmHost host = TestKvmVms.host();
        KvmVm here = host.create(config, line -> {});
        KvmVm there = prepared(host, config, new CopyOnWriteArrayList<>())) {
      KvmState state = KvmState.parseFrom(here.state());
      KvmVcpuState vcpu = state.getVcpus(0);
      assertRefused(there, state.toBuilder().setVersion(2), "version 2");
      assertRefused(there, state.toBuilder().addVcpus(vcpu), "2 vCPUs for a VM of 1");
      assertRefused(
          there, state.toBuilder().setVcpus(0, vcpu.toBuilder().removeParts("SREGS")), "SREGS");
      assertRefused(
          there,
          state.toBuilder()
              .setVcpus(0, vcpu.toBuilder().putParts("REGS", ByteString.copyFromUtf8("short"))),
          "kvm_regs has 144 bytes, not 5");
      assertRefused(
          there,
          state.toBuilder()
              .setVcpus(0, vcpu.toBuilder().addMsrs(Msr.newBuilder().setIndex(0x12345678))),
          Msrs.name(0x12345678));
      assertThatThrownBy(() -> there.loadState(ByteString.copyFromUtf8("not a message"), 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static void assertRefused(KvmVm vm, KvmState.Builder state, String reason) {
    assertThatThrownBy(() -> vm.loadState(state.build().toByteString(), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  private static KvmVm prepared(KvmHost host, KvmVmConfig config, List<String> lines) {
    return host.prepare(config, host.profile(), config.programs().backing(), lines::add);
  }
}
