package io.faultline.demo.vm;

import io.faultline.demo.kvm.KvmHost;
import io.faultline.demo.kvm.KvmSource;
import io.faultline.demo.kvm.KvmVm;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.dest.recording.TimeBuckets;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.source.OutgoingVm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A KVM VM. Owns the VM and the host that built it.
 *
 * @param host that built the VM
 * @param vm the VM
 * @param ticks its console on this machine
 */
record KvmHostedVm(KvmHost host, KvmVm vm, ConsoleTicks ticks) implements HostedVm {
  /** For 64 operations and the pages that they need. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  @Override
  public VmKind kind() {
    return VmKind.KVM;
  }

  @Override
  public SimulatedVmConfig programs() {
    return vm.config().programs();
  }

  @Override
  public MemoryRegion ram() {
    return vm.ram();
  }

  @Override
  public void start() {
    vm.start();
  }

  @Override
  public OutgoingVm outgoing(boolean ownDirtyLog) {
    return new KvmSource(vm, ownDirtyLog);
  }

  @Override
  public boolean awaitFinished(Duration timeout) throws InterruptedException {
    return vm.awaitFinished(timeout);
  }

  @Override
  public void stopBetweenOperations() throws InterruptedException {
    if (!vm.stopBetweenOperations(STOP_LIMIT)) {
      throw new IllegalStateException("the vCPUs did not stop within " + STOP_LIMIT);
    }
  }

  @Override
  public void stop() {
    vm.pause();
  }

  @Override
  public long[] opsDone() {
    return vm.opsDone();
  }

  @Override
  public List<VcpuFaults> faults() {
    return vm.times().faults();
  }

  /** The kernel counts blocked time, but not when it was. */
  @Override
  public void recordBlockedTime() {}

  @Override
  public void stopRecordingBlockedTime() {}

  @Override
  public List<TimeBuckets.Series> blockedTime() {
    return List.of();
  }

  @Override
  public OptionalLong guestPauseNanos() {
    return vm.times().guestPauseNanos();
  }

  @Override
  public Optional<ConsoleTicks> console() {
    return Optional.of(ticks);
  }

  @Override
  public long expectedTicks() {
    return vm.config().ticks(vm.opsDone()[0]);
  }

  @Override
  public VmOutcome outcome() {
    List<String> problems = new ArrayList<>();
    if (!host.fixedMemoryIsIntact(vm)) {
      problems.add("the guest's page tables, code or read-only memory changed");
    }
    if (vm.times().timesBackwards() > 0) {
      problems.add("the guest's clock went backwards " + vm.times().timesBackwards() + " times");
    }
    ticks.findProblem(expectedTicks()).ifPresent(problems::add);
    return VmOutcome.of(this, vm.memoryDigest(), vm.vcpuDigest(), problems);
  }

  @Override
  public Optional<VmOutcome> outcomeWithout(List<PageBitmap> lost) {
    return Optional.empty();
  }

  @Override
  public void close() {
    vm.close();
    host.close();
  }
}
