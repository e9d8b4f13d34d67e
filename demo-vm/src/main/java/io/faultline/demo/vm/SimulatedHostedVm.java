package io.faultline.demo.vm;

import io.faultline.demo.simulated.MemoryDigest;
import io.faultline.demo.simulated.PagedRam;
import io.faultline.demo.simulated.SimulatedSource;
import io.faultline.demo.simulated.SimulatedVm;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.dest.recording.TimeBuckets;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.source.OutgoingVm;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A simulated VM. Owns the VM. */
record SimulatedHostedVm(SimulatedVm vm) implements HostedVm {
  @Override
  public VmKind kind() {
    return VmKind.SIMULATED;
  }

  @Override
  public SimulatedVmConfig programs() {
    return vm.config();
  }

  @Override
  public MemoryRegion ram() {
    return vm.ram();
  }

  @Override
  public Optional<PagedRam> pagedRam() {
    return vm.pagedRam();
  }

  @Override
  public void start() {
    vm.start();
  }

  @Override
  public OutgoingVm outgoing(boolean ownDirtyLog) {
    return new SimulatedSource(vm, ownDirtyLog);
  }

  @Override
  public boolean awaitFinished(Duration timeout) throws InterruptedException {
    return vm.awaitFinished(timeout);
  }

  @Override
  public void stopBetweenOperations() {
    vm.pause();
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

  @Override
  public void recordBlockedTime() {
    vm.times().recordBlockedTime();
  }

  @Override
  public void stopRecordingBlockedTime() {
    vm.times().stopRecordingBlockedTime();
  }

  @Override
  public List<TimeBuckets.Series> blockedTime() {
    return vm.times().blockedTime();
  }

  @Override
  public OptionalLong guestPauseNanos() {
    return vm.times().guestPauseNanos();
  }

  @Override
  public Optional<ConsoleTicks> console() {
    return Optional.empty();
  }

  @Override
  public long expectedTicks() {
    return 0;
  }

  @Override
  public VmOutcome outcome() {
    return VmOutcome.of(this, vm.memoryDigest(), vm.vcpuDigest(), List.of());
  }

  @Override
  public Optional<VmOutcome> outcomeWithout(List<PageBitmap> lost) {
    PageBitmap pages = lost.get(vm.ram().id());
    MemoryDigest memory = MemoryDigest.of(vm.ram(), pages);
    return Optional.of(VmOutcome.of(this, memory, vm.vcpuDigest(), List.of()).without(pages));
  }

  @Override
  public void close() {
    vm.close();
  }
}
