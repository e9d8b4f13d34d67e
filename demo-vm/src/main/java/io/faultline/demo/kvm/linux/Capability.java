package io.faultline.demo.kvm.linux;

/** Extensions of KVM that this binding uses (KVM_CAP_*, linux/kvm.h). */
public enum Capability {
  USER_MEMORY(3),
  EXT_CPUID(7),
  NR_VCPUS(9),
  MP_STATE(14),
  ADJUST_CLOCK(39),
  VCPU_EVENTS(41),
  DEBUGREGS(50),
  XSAVE(55),
  XCRS(56),
  TSC_CONTROL(60),
  GET_TSC_KHZ(61),
  MAX_VCPUS(66),
  READONLY_MEM(81),
  SPLIT_IRQCHIP(121),
  IMMEDIATE_EXIT(136),
  MANUAL_DIRTY_LOG_PROTECT2(168),
  BINARY_STATS_FD(203),
  /** Its value is the size of the extended processor state, in bytes. */
  XSAVE2(208);

  private final int number;

  Capability(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
