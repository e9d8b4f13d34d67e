package io.faultline.demo.kvm.linux;

/**
 * The parts of a vCPU's state that are one structure each (linux/kvm.h, asm/kvm.h), in the order in
 * which they must be loaded. For model-specific registers see {@link VcpuMsrs}.
 */
public enum VcpuPart {
  /** {@code kvm_mp_state}: runnable, waiting for a start-up interrupt, halted. */
  MP_STATE(0x8004ae98L, 0x4004ae99L, 4),
  /** {@link Regs}. */
  REGS(0x8090ae81L, 0x4090ae82L, Regs.SIZE),
  /** {@link Sregs}. */
  SREGS(0x8138ae83L, 0x4138ae84L, Sregs.SIZE),
  /** {@code kvm_xcrs}: which extended state is enabled. */
  XCRS(0x8188aea6L, 0x4188aea7L, 392),
  /** {@link Xsave}; read with KVM_GET_XSAVE2, so it may be larger than the size in its ioctl. */
  XSAVE(0x9000aecfL, 0x5000aea5L, Xsave.MIN_SIZE),
  /** {@code kvm_debugregs}. */
  DEBUGREGS(0x8080aea1L, 0x4080aea2L, 128),
  /** {@code kvm_lapic_state}: the registers of the local interrupt controller. */
  LAPIC(0x8400ae8eL, 0x4400ae8fL, 1024),
  /** {@code kvm_vcpu_events}: pending exceptions and interrupts. */
  EVENTS(0x8040ae9fL, 0x4040aea0L, 64);

  private static final int IOC_SIZE_SHIFT = 16;
  private static final int IOC_SIZE_MASK = 0x3fff;

  static {
    for (VcpuPart part : values()) {
      assert sizeOf(part.getIoctl) == part.minBytes && sizeOf(part.setIoctl) == part.minBytes;
    }
  }

  private final long getIoctl;
  private final long setIoctl;
  private final int minBytes;

  VcpuPart(long getIoctl, long setIoctl, int minBytes) {
    this.getIoctl = getIoctl;
    this.setIoctl = setIoctl;
    this.minBytes = minBytes;
  }

  long getIoctl() {
    return getIoctl;
  }

  long setIoctl() {
    return setIoctl;
  }

  /** The size of its structure; the minimum for {@link #XSAVE}. */
  int minBytes() {
    return minBytes;
  }

  private static int sizeOf(long ioctl) {
    return (int) (ioctl >> IOC_SIZE_SHIFT) & IOC_SIZE_MASK;
  }
}
