package io.faultline.demo.kvm.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.faultline.uffd.Errno;
import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One vCPU.
 *
 * <p>One thread runs it, between {@link #bindThread} and {@link #releaseThread}; meanwhile any
 * thread may {@link #kick} it. Any thread may read and write its state while no thread is in {@link
 * #run}.
 */
public final class KvmVcpu implements AutoCloseable {
  private static final long RUN = 0xae80L;
  private static final long SET_CPUID2 = 0x4008ae90L;
  private static final long SET_TSC_KHZ = 0xaea2L;
  private static final long GET_TSC_KHZ = 0xaea3L;

  private static final int NO_THREAD = 0;

  private final Fd fd;
  private final RunPage page;
  private final int xsaveBytes;
  private final VcpuMsrs msrs;
  private volatile int threadId = NO_THREAD;

  KvmVcpu(Fd fd, RunPage page, int xsaveBytes) {
    this.fd = fd;
    this.page = page;
    this.xsaveBytes = xsaveBytes;
    this.msrs = new VcpuMsrs(fd);
  }

  /** Makes the calling thread the one that runs the vCPU. */
  public void bindThread() {
    KickSignal.prepareThread(fd.number());
    threadId = KickSignal.threadId();
  }

  /**
   * Removes a kick that arrived after the last {@link #run}. Called last by the bound thread, when
   * no other thread kicks it any more. HotSpot restores a thread's original signal mask when the
   * thread ends; a kick pending then would end the process.
   */
  public void releaseThread() {
    threadId = NO_THREAD;
    KickSignal.consume();
  }

  /**
   * Runs the guest until it exits or is kicked. May sleep in a page fault.
   *
   * @return true if the guest exited, for the reason in {@link #page}; false if it was kicked or
   *     interrupted by a signal
   * @throws MemoryErrorException if the guest accessed a poisoned page; the access did not complete
   * @throws SystemCallException if the kernel cannot run the guest
   */
  public boolean run() {
    int result = Libc.ioctl(fd.number(), RUN, 0);
    if (result == 0) {
      return true;
    }
    if (result == -Errno.EINTR || result == -Errno.EAGAIN) {
      long poisoned = KickSignal.consume();
      if (poisoned != KickSignal.NO_ADDRESS) {
        throw new MemoryErrorException(poisoned);
      }
      return false;
    }
    throw new SystemCallException(
        "KVM_RUN",
        -result,
        result == -Errno.EFAULT
            ? "the kernel could not access a page of guest memory; does a userfaultfd for user mode"
                + " only watch it?"
            : "");
  }

  /** Why {@link #run} returned. */
  public RunPage page() {
    return page;
  }

  /**
   * Makes {@link #run} return, even if it sleeps in a page fault. If the thread is not in it, its
   * next call returns immediately. Holds until {@link #allowEntry}.
   */
  public void kick() {
    page.setImmediateExit(true);
    int thread = threadId;
    if (thread != NO_THREAD) {
      KickSignal.send(thread);
    }
  }

  /** Ends a {@link #kick}. The caller must exclude concurrent kicks by a lock. */
  public void allowEntry() {
    page.setImmediateExit(false);
  }

  /**
   * Completes the last exit (an access to a port) without running the guest, so that the state is
   * complete.
   *
   * @return as {@link #run}: true if there is another exit to handle
   */
  public boolean completeExit() {
    page.setImmediateExit(true);
    return run();
  }

  /** Sets the results of the CPUID instruction; before it runs. */
  public void setCpuid(List<CpuidEntry> entries) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment argument = arena.allocateFrom(JAVA_BYTE, CpuidEntry.encode(entries));
      fd.call("KVM_SET_CPUID2", SET_CPUID2, argument.address());
    }
  }

  /** The frequency of its time stamp counter. */
  public int tscKhz() {
    return fd.call("KVM_GET_TSC_KHZ", GET_TSC_KHZ, 0);
  }

  /**
   * See {@link #tscKhz}. A frequency other than the host's needs {@link Capability#TSC_CONTROL}.
   */
  public void setTscKhz(int khz) {
    fd.call("KVM_SET_TSC_KHZ(" + khz + ")", SET_TSC_KHZ, khz);
  }

  /** Reads a part of its state. */
  public byte[] get(VcpuPart part) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment argument = arena.allocate(size(part), Long.BYTES);
      fd.call("KVM_GET_" + part, part.getIoctl(), argument.address());
      return argument.toArray(JAVA_BYTE);
    }
  }

  /**
   * Sets a part of its state.
   *
   * @throws IllegalArgumentException if the bytes do not have the size of this part on this host
   */
  public void set(VcpuPart part, byte[] bytes) {
    StateBytes.sized(part + " state", bytes, size(part));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment argument = arena.allocate(bytes.length, Long.BYTES);
      MemorySegment.copy(bytes, 0, argument, JAVA_BYTE, 0, bytes.length);
      fd.call("KVM_SET_" + part, part.setIoctl(), argument.address());
    }
  }

  /** Its model-specific registers. */
  public VcpuMsrs msrs() {
    return msrs;
  }

  public Regs regs() {
    return new Regs(get(VcpuPart.REGS));
  }

  public void setRegs(Regs regs) {
    set(VcpuPart.REGS, regs.bytes());
  }

  /** After its thread has ended. */
  @Override
  public void close() {
    page.unmap();
    fd.close();
  }

  private int size(VcpuPart part) {
    return part == VcpuPart.XSAVE ? xsaveBytes : part.minBytes();
  }
}
