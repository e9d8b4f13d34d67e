package io.faultline.demo.kvm;

import io.faultline.demo.kvm.linux.KvmVcpu;
import io.faultline.demo.kvm.linux.Regs;
import io.faultline.demo.kvm.linux.Sregs;
import io.faultline.demo.kvm.linux.VcpuPart;
import io.faultline.demo.kvm.linux.Xsave;
import io.faultline.demo.simulated.GuestRegisters;
import io.faultline.demo.simulated.VcpuProgram;

/**
 * The registers of a vCPU as the guest program uses them (guest.c): their values at power-on, and
 * how they are decoded. Only while the vCPU does not run.
 */
final class GuestState {
  private static final Regs.Name OPERATIONS = Regs.Name.RBX;
  private static final Regs.Name ACCUMULATOR_COPY = Regs.Name.RBP;
  private static final Regs.Name RANDOM = Regs.Name.R12;
  private static final Regs.Name VALUE = Regs.Name.R13;
  private static final Regs.Name ADDRESS = Regs.Name.R14;
  private static final Regs.Name TARGET = Regs.Name.R15;
  private static final int ACCUMULATOR_XMM = 15;

  /** Set in the target when the VM has arrived from another machine. The guest clears it. */
  private static final long ARRIVED = Long.MIN_VALUE;

  private static final long NO_TARGET = Long.MAX_VALUE;

  private static final int USER_CODE = 0x33;
  private static final int USER_DATA = 0x2b;

  /** Bit 1 is always set; IOPL is 3. */
  private static final long RFLAGS = 0x3002;

  /** PG, WP, NE, ET, MP, PE. */
  private static final long CR0 = 0x80010033L;

  /** PAE, OSFXSR, OSXMMEXCPT. */
  private static final long CR4 = 0x620;

  /** LMA, LME. */
  private static final long EFER = 0x500;

  private GuestState() {}

  /**
   * Sets the vCPU to the first instruction of its program, in 64-bit mode at CPL 3.
   *
   * @param limit the number of operations after which it stops; 0 for never
   */
  static void powerOn(KvmVcpu vcpu, int number, VcpuProgram program, long limit) {
    Sregs sregs = new Sregs(vcpu.get(VcpuPart.SREGS));
    sregs.setFlatUserSegment(Sregs.SegmentName.CS, USER_CODE, true);
    sregs.setFlatUserSegment(Sregs.SegmentName.DS, USER_DATA, false);
    sregs.setFlatUserSegment(Sregs.SegmentName.ES, USER_DATA, false);
    sregs.setFlatUserSegment(Sregs.SegmentName.FS, USER_DATA, false);
    sregs.setFlatUserSegment(Sregs.SegmentName.GS, USER_DATA, false);
    sregs.setFlatUserSegment(Sregs.SegmentName.SS, USER_DATA, false);
    sregs.setControl(CR0, GuestLayout.PML4, CR4, EFER);
    vcpu.set(VcpuPart.SREGS, sregs.bytes());
    vcpu.set(VcpuPart.MP_STATE, new byte[Integer.BYTES]); // KVM_MP_STATE_RUNNABLE

    GuestRegisters initial = program.initial();
    long scratch = GuestLayout.scratch(number);
    Regs regs = Regs.zero();
    regs.set(Regs.Name.RIP, GuestLayout.CODE).set(Regs.Name.RFLAGS, RFLAGS);
    regs.set(Regs.Name.RSP, scratch + GuestLayout.SCRATCH_BYTES);
    regs.set(Regs.Name.RDI, GuestRom.address(number)).set(Regs.Name.RSI, scratch);
    regs.set(OPERATIONS, initial.operations()).set(ACCUMULATOR_COPY, initial.accumulator());
    regs.set(RANDOM, initial.random()).set(VALUE, initial.value());
    regs.set(ADDRESS, initial.address()).set(TARGET, limit == 0 ? NO_TARGET : limit);
    vcpu.setRegs(regs);
  }

  /** Operations done. */
  static long operations(KvmVcpu vcpu) {
    return vcpu.regs().get(OPERATIONS);
  }

  /** The registers of the program; exact only if it has stopped at its target. */
  static GuestRegisters registers(KvmVcpu vcpu) {
    Regs regs = vcpu.regs();
    return new GuestRegisters(
        regs.get(OPERATIONS),
        Xsave.xmmLow(vcpu.get(VcpuPart.XSAVE), ACCUMULATOR_XMM),
        regs.get(RANDOM),
        regs.get(VALUE),
        regs.get(ADDRESS));
  }

  /** Whether its program has reached the target. */
  static boolean isAtTarget(KvmVcpu vcpu) {
    Regs regs = vcpu.regs();
    return regs.get(OPERATIONS) >= (regs.get(TARGET) & ~ARRIVED);
  }

  /**
   * Sets the target.
   *
   * @param operations the total after which the program stops, more than it has done; 0 for never
   */
  static void setTarget(KvmVcpu vcpu, long operations) {
    Regs regs = vcpu.regs();
    long arrived = regs.get(TARGET) & ARRIVED;
    regs.set(TARGET, (operations == 0 ? NO_TARGET : operations) | arrived);
    vcpu.setRegs(regs);
  }

  /** Marks the arrival on a new machine in registers that are about to be loaded. */
  static byte[] markArrived(byte[] regsBytes) {
    Regs regs = new Regs(regsBytes.clone());
    regs.set(TARGET, regs.get(TARGET) | ARRIVED);
    return regs.bytes();
  }
}
