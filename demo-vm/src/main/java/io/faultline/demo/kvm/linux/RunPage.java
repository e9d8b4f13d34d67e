package io.faultline.demo.kvm.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.faultline.uffd.SystemCallException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * {@code struct kvm_run} (linux/kvm.h), shared with the kernel by a vCPU: why KVM_RUN returned.
 *
 * <pre>
 *  0         1                8             32
 *  +---------+----------------+-------------+--------------------------------------------+
 *  | request | immediate_exit | exit_reason | io: direction, size, port, count, offset   |
 *  +---------+----------------+-------------+--------------------------------------------+
 * </pre>
 */
public final class RunPage {
  public static final int EXIT_IO = 2;
  public static final int EXIT_MMIO = 6;
  public static final int EXIT_SHUTDOWN = 8;
  public static final int EXIT_FAIL_ENTRY = 9;
  public static final int EXIT_INTERNAL_ERROR = 17;

  private static final long IMMEDIATE_EXIT = 1;
  private static final long EXIT_REASON = 8;
  private static final long IO_DIRECTION = 32;
  private static final long IO_SIZE = 33;
  private static final long IO_PORT = 34;
  private static final long IO_COUNT = 36;
  private static final long IO_DATA_OFFSET = 40;
  private static final long MMIO_ADDRESS = 32;
  private static final long DETAIL = 32;

  private static final VarHandle BYTE = JAVA_BYTE.varHandle();

  private final MemorySegment page;

  private RunPage(MemorySegment page) {
    this.page = page;
  }

  static RunPage map(Fd vcpu, int bytes) {
    long address = Libc.mmap(vcpu.number(), bytes);
    if (address < 0 && address > -4096) {
      throw new SystemCallException("mmap(kvm_run)", (int) -address);
    }
    return new RunPage(MemorySegment.ofAddress(address).reinterpret(bytes));
  }

  void unmap() {
    int result = Libc.munmap(page.address(), page.byteSize());
    if (result < 0) {
      throw new SystemCallException("munmap(kvm_run)", -result);
    }
  }

  /** Whether the next KVM_RUN returns immediately. Any thread. */
  void setImmediateExit(boolean exit) {
    BYTE.setVolatile(page, IMMEDIATE_EXIT, (byte) (exit ? 1 : 0));
  }

  /** Why KVM_RUN returned: one of the constants, or another value. */
  public int exitReason() {
    return page.get(JAVA_INT, EXIT_REASON);
  }

  public boolean ioIsOut() {
    return page.get(JAVA_BYTE, IO_DIRECTION) == 1;
  }

  public int ioPort() {
    return Short.toUnsignedInt(page.get(JAVA_SHORT, IO_PORT));
  }

  /** The length of the data that is written or read. */
  public int ioBytes() {
    return page.get(JAVA_BYTE, IO_SIZE) * page.get(JAVA_INT, IO_COUNT);
  }

  /** A byte that is written. */
  public byte ioByte(int index) {
    return page.get(JAVA_BYTE, page.get(JAVA_LONG, IO_DATA_OFFSET) + index);
  }

  /** Describes an exit that is an error. */
  public String describe() {
    return switch (exitReason()) {
      case EXIT_IO -> String.format("access to port 0x%x", ioPort());
      case EXIT_MMIO ->
          String.format("access to 0x%x, which is not memory", page.get(JAVA_LONG, MMIO_ADDRESS));
      case EXIT_SHUTDOWN -> "triple fault";
      case EXIT_FAIL_ENTRY ->
          String.format("entry failed, hardware reason 0x%x", page.get(JAVA_LONG, DETAIL));
      case EXIT_INTERNAL_ERROR -> "KVM internal error " + page.get(JAVA_INT, DETAIL);
      default -> "exit reason " + exitReason();
    };
  }
}
