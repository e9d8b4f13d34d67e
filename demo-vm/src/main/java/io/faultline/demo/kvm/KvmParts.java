package io.faultline.demo.kvm;

import io.faultline.demo.kvm.linux.Capability;
import io.faultline.demo.kvm.linux.Kvm;
import io.faultline.demo.kvm.linux.KvmMachine;
import io.faultline.demo.kvm.linux.KvmVcpu;
import io.faultline.memory.MemoryRegion;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel objects of a VM: the machine with its memory slots, and the vCPUs. Not thread-safe.
 */
final class KvmParts implements AutoCloseable {
  /** Interrupt lines of a user-space IOAPIC, which these guests do not have. */
  private static final long IRQ_LINES = 24;

  private final KvmMachine machine;
  private final List<KvmVcpu> vcpus = new ArrayList<>();

  private KvmParts(KvmMachine machine) {
    this.machine = machine;
  }

  /** Creates a VM whose memory is these regions, without touching them. */
  static KvmParts create(Kvm kvm, HostProfile profile, List<MemoryRegion> regions, int vcpus) {
    KvmParts parts = new KvmParts(kvm.createMachine());
    try {
      parts.build(kvm, profile, regions, vcpus);
      return parts;
    } catch (RuntimeException | Error e) {
      parts.close();
      throw e;
    }
  }

  private void build(Kvm kvm, HostProfile profile, List<MemoryRegion> regions, int count) {
    requireVcpus(kvm, count);
    if (profile.has(Capability.SPLIT_IRQCHIP)) {
      machine.enable(Capability.SPLIT_IRQCHIP, IRQ_LINES);
    }
    regions.forEach(region -> machine.setMemory(GuestLayout.slot(region), false));
    for (int n = 0; n < count; n++) {
      KvmVcpu vcpu = machine.createVcpu(n);
      vcpus.add(vcpu);
      vcpu.setCpuid(profile.cpuidOf(n));
      if (vcpu.tscKhz() != profile.tscKhz() && kvm.check(Capability.TSC_CONTROL) > 0) {
        vcpu.setTscKhz(profile.tscKhz());
      }
    }
  }

  /**
   * @throws IllegalArgumentException if this host's KVM does not support so many vCPUs
   */
  static void requireVcpus(Kvm kvm, int count) {
    int most = kvm.check(Capability.MAX_VCPUS);
    if (count > most) {
      throw new IllegalArgumentException(
          count + " vCPUs; this host's KVM supports at most " + most + ": choose fewer");
    }
  }

  KvmMachine machine() {
    return machine;
  }

  List<KvmVcpu> vcpus() {
    return vcpus;
  }

  /** After the vCPUs' threads have ended. */
  @Override
  public void close() {
    vcpus.forEach(KvmVcpu::close);
    machine.close();
  }
}
