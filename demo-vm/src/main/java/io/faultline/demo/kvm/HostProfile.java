package io.faultline.demo.kvm;

import io.faultline.demo.kvm.linux.Capability;
import io.faultline.demo.kvm.linux.CpuidEntry;
import io.faultline.demo.kvm.linux.Kvm;
import io.faultline.demo.kvm.linux.KvmMachine;
import io.faultline.demo.kvm.linux.KvmVcpu;
import io.faultline.demo.kvm.linux.VcpuPart;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The features of KVM that a VM uses, or that a host offers.
 *
 * @param capabilities names of {@link Capability}
 * @param cpuid the results of the CPUID instruction
 * @param msrs the model-specific registers that are part of a vCPU's state
 * @param tscKhz frequency of the time stamp counter
 * @param tscScales whether guests can have another frequency
 * @param xsaveBytes size of the extended processor state
 */
record HostProfile(
    Set<String> capabilities,
    List<CpuidEntry> cpuid,
    Set<Integer> msrs,
    int tscKhz,
    boolean tscScales,
    int xsaveBytes) {

  private static final List<Capability> REQUIRED =
      List.of(
          Capability.USER_MEMORY,
          Capability.EXT_CPUID,
          Capability.MP_STATE,
          Capability.ADJUST_CLOCK,
          Capability.VCPU_EVENTS,
          Capability.DEBUGREGS,
          Capability.XSAVE,
          Capability.GET_TSC_KHZ,
          Capability.READONLY_MEM,
          Capability.IMMEDIATE_EXIT);

  /** Used if the host has them. */
  private static final List<Capability> OPTIONAL =
      List.of(Capability.XCRS, Capability.SPLIT_IRQCHIP);

  HostProfile {
    capabilities = Set.copyOf(capabilities);
    cpuid = List.copyOf(cpuid);
    msrs = Set.copyOf(msrs);
  }

  /**
   * The features of this host. Takes a few milliseconds, since some must be read from a vCPU.
   *
   * @throws UnsupportedOperationException if a required capability is missing; the message names it
   */
  static HostProfile of(Kvm kvm) {
    List<String> missing =
        REQUIRED.stream().filter(wanted -> kvm.check(wanted) <= 0).map(Enum::name).toList();
    if (!missing.isEmpty()) {
      throw new UnsupportedOperationException("this host's KVM lacks the capabilities " + missing);
    }
    Set<String> capabilities =
        Stream.concat(REQUIRED.stream(), OPTIONAL.stream().filter(c -> kvm.check(c) > 0))
            .map(Enum::name)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<Integer> msrs = Arrays.stream(kvm.msrIndexes()).boxed().collect(Collectors.toSet());
    try (KvmMachine machine = kvm.createMachine();
        KvmVcpu vcpu = machine.createVcpu(0)) {
      return new HostProfile(
          capabilities,
          kvm.supportedCpuid(),
          msrs,
          vcpu.tscKhz(),
          kvm.check(Capability.TSC_CONTROL) > 0,
          vcpu.get(VcpuPart.XSAVE).length);
    }
  }

  boolean has(Capability capability) {
    return capabilities.contains(capability.name());
  }

  /** The parts of a vCPU's state that exist with these capabilities, in loading order. */
  List<VcpuPart> parts() {
    return Arrays.stream(VcpuPart.values())
        .filter(part -> part != VcpuPart.XCRS || has(Capability.XCRS))
        .filter(part -> part != VcpuPart.LAPIC || has(Capability.SPLIT_IRQCHIP))
        .toList();
  }

  /** The CPUID results of a vCPU: the same for all, except for their APIC ids. */
  List<CpuidEntry> cpuidOf(int vcpu) {
    return cpuid.stream().map(entry -> numbered(entry, vcpu)).toList();
  }

  /** Intel SDM volume 2, CPUID: leaf 1 has the APIC id in EBX 31-24, leaves 0xb and 0x1f in EDX. */
  private static CpuidEntry numbered(CpuidEntry entry, int vcpu) {
    return switch (entry.function()) {
      case 1 -> entry.withEbx((entry.ebx() & 0xffffff) | vcpu << 24);
      case 0xb, 0x1f -> entry.withEdx(vcpu);
      default -> entry;
    };
  }
}
