package io.faultline.demo.kvm.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The signals that interrupt KVM_RUN: the kick, and the SIGBUS with which KVM reports that the
 * guest accessed a poisoned page.
 *
 * <p>Both are blocked in the thread, so that no handler ever runs (HotSpot's would end the process
 * on SIGBUS), and unblocked only while the kernel runs the guest (KVM_SET_SIGNAL_MASK). There they
 * end the call with EINTR and stay pending, even if they arrived just before the call. {@link
 * #consume} then removes them with rt_sigtimedwait, at the latest before the thread ends.
 *
 * <p>The kick is a real-time signal that neither the C library (32, 33) nor HotSpot uses. KVM's
 * SIGBUS can be blocked because the kernel does not force it (send_sig_mceerr in {@code
 * kvm_send_hwpoison_signal}). A SIGBUS caused by an instruction of the thread itself is forced, and
 * still ends the process.
 */
final class KickSignal {
  /** Returned by {@link #consume} if no poisoned page was accessed. */
  static final long NO_ADDRESS = -1;

  private static final int NUMBER = 44;
  private static final int SIGBUS = 7;
  private static final long BITS = 1L << (NUMBER - 1) | 1L << (SIGBUS - 1);

  /** {@code siginfo_t} of a SIGBUS, x86-64: si_signo, si_errno, si_code, padding, si_addr. */
  private static final long SIGINFO_BYTES = 128;

  private static final long SI_ADDR = 16;
  private static final int SIG_BLOCK = 0;
  private static final long SIGSET_BYTES = 8;

  /**
   * KVM_SET_SIGNAL_MASK with {@code struct kvm_signal_mask} (linux/kvm.h).
   *
   * <pre>
   *  0      4               12
   *  +------+---------------+
   *  | len  | sigset[len]   |
   *  +------+---------------+
   * </pre>
   */
  private static final long SET_SIGNAL_MASK = 0x4004ae8bL;

  private KickSignal() {}

  /** Blocks the signals in the calling thread, and unblocks them in KVM_RUN of a vCPU. */
  static void prepareThread(int vcpuFd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocateFrom(JAVA_LONG, BITS);
      MemorySegment before = arena.allocate(JAVA_LONG);
      check(
          "rt_sigprocmask(SIG_BLOCK)",
          Libc.syscall(
              Libc.SYS_RT_SIGPROCMASK, SIG_BLOCK, block.address(), before.address(), SIGSET_BYTES));
      MemorySegment mask = arena.allocate(Integer.BYTES + SIGSET_BYTES);
      mask.set(JAVA_INT, 0, (int) SIGSET_BYTES);
      mask.set(JAVA_LONG.withByteAlignment(4), Integer.BYTES, before.get(JAVA_LONG, 0) & ~BITS);
      check("KVM_SET_SIGNAL_MASK", Libc.ioctl(vcpuFd, SET_SIGNAL_MASK, mask.address()));
    }
  }

  /** The id of the calling thread, for {@link #send}. */
  static int threadId() {
    return (int) Libc.syscall(Libc.SYS_GETTID, 0, 0, 0, 0);
  }

  /** Kicks a prepared thread that has not ended. */
  static void send(int threadId) {
    long process = Libc.syscall(Libc.SYS_GETPID, 0, 0, 0, 0);
    check("tgkill", Libc.syscall(Libc.SYS_TGKILL, process, threadId, NUMBER, 0));
  }

  /**
   * Removes pending signals of the calling thread, without waiting.
   *
   * @return the host address of a poisoned page that the guest accessed, or {@link #NO_ADDRESS}
   */
  static long consume() {
    long poisoned = NO_ADDRESS;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocateFrom(JAVA_LONG, BITS);
      MemorySegment info = arena.allocate(SIGINFO_BYTES, Long.BYTES);
      MemorySegment noTime = arena.allocate(JAVA_LONG, 2);
      long result;
      do {
        result =
            Libc.syscall(
                Libc.SYS_RT_SIGTIMEDWAIT,
                set.address(),
                info.address(),
                noTime.address(),
                SIGSET_BYTES);
        if (result == SIGBUS) {
          poisoned = info.get(JAVA_LONG, SI_ADDR);
        }
      } while (result > 0 || result == -Errno.EINTR);
      if (result != -Errno.EAGAIN) {
        check("rt_sigtimedwait", result);
      }
    }
    return poisoned;
  }

  private static void check(String call, long result) {
    if (result < 0) {
      throw new SystemCallException(call, (int) -result);
    }
  }
}
