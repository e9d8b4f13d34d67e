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
 * <p>It is run by one thread, which calls {@link #bindThread} first. State is read and written by
 * any thread while none is in {@link #run}. {@link #kick} is for all threads at all times between
 * {@code bindThread} and {@link #releaseThread}, which its thread calls at its end.
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

  /** Makes the calling thread the one that runs it. */
  public void bindThread() {
    KickSignal.prepareThread(fd.number());
    threadId = KickSignal.threadId();
  }

  /**
   * Last, by the thread that {@link #bindThread} bound, when nobody kicks it any more: takes back a
   * kick that came after the last {@link #run}. A thread of HotSpot gets its first signal mask back
   * when it ends, and a kick still pending then would end the process.
   */
  public void releaseThread() {
    threadId = NO_THREAD;
    KickSignal.consume();
  }

  /**
   * Runs the guest until it needs something, or is kicked. May sleep in a page fault.
   *
   * @return true where {@link #page} tells why; false where it was kicked, or a signal came
   * @throws MemoryErrorException where the guest needed a page that is poisoned; it did not get it
   * @throws SystemCallException where the kernel cannot run it
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
            ? "a page of guest memory cannot be had (a userfaultfd for user mode only?)"
            : "");
  }

  /** Why {@link #run} returned. */
  public RunPage page() {
    return page;
  }

  /**
   * Takes the thread out of {@link #run}, also out of a page fault that it sleeps in; where it is
   * not there, its next call returns at once. Holds until {@link #allowEntry}.
   */
  public void kick() {
    page.setImmediateExit(true);
    int thread = threadId;
    if (thread != NO_THREAD) {
      KickSignal.send(thread);
    }
  }

  /** The guest may be entered again. Must exclude {@link #kick}, by a lock of the caller. */
  public void allowEntry() {
    page.setImmediateExit(false);
  }

  /**
   * Finishes what the last exit began (an access to a port), so that the state is complete, without
   * running the guest.
   *
   * @return as {@link #run}: true where there is one more exit to see to
   */
  public boolean completeExit() {
    page.setImmediateExit(true);
    return run();
  }

  /** Sets what its CPUID answers; before it runs. */
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

  /** See {@link #tscKhz}; needs {@link Capability#TSC_CONTROL} where it is not the machine's. */
  public void setTscKhz(int khz) {
    fd.call("KVM_SET_TSC_KHZ(" + khz + ")", SET_TSC_KHZ, khz);
  }

  /** A part of its state. */
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
   * @throws IllegalArgumentException where the bytes are not of the part's size here
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
