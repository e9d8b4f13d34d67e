package io.faultline.demo.kvm.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The signal that takes a thread out of KVM_RUN. It is blocked in the thread, so that no handler
 * ever runs, and unblocked only while the kernel runs the guest (KVM_SET_SIGNAL_MASK): there it
 * ends the call with EINTR and stays pending, also where it came just before the call. It is then
 * taken back with rt_sigtimedwait, at the latest before the thread ends.
 *
 * <p>The number is a real-time signal that neither the C library (32, 33) nor HotSpot uses.
 */
final class KickSignal {
  private static final int NUMBER = 44;
  private static final long BIT = 1L << (NUMBER - 1);
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

  /** Blocks the signal in the calling thread, and lets KVM_RUN of a vCPU see it. */
  static void prepareThread(int vcpuFd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocateFrom(JAVA_LONG, BIT);
      MemorySegment before = arena.allocate(JAVA_LONG);
      check(
          "rt_sigprocmask(SIG_BLOCK)",
          Libc.syscall(
              Libc.SYS_RT_SIGPROCMASK, SIG_BLOCK, block.address(), before.address(), SIGSET_BYTES));
      MemorySegment mask = arena.allocate(Integer.BYTES + SIGSET_BYTES);
      mask.set(JAVA_INT, 0, (int) SIGSET_BYTES);
      mask.set(JAVA_LONG.withByteAlignment(4), Integer.BYTES, before.get(JAVA_LONG, 0) & ~BIT);
      check("KVM_SET_SIGNAL_MASK", Libc.ioctl(vcpuFd, SET_SIGNAL_MASK, mask.address()));
    }
  }

  /** The number of the calling thread, for {@link #send}. */
  static int threadId() {
    return (int) Libc.syscall(Libc.SYS_GETTID, 0, 0, 0, 0);
  }

  /** Sends the signal to a prepared thread, which must not have ended. */
  static void send(int threadId) {
    long process = Libc.syscall(Libc.SYS_GETPID, 0, 0, 0, 0);
    check("tgkill", Libc.syscall(Libc.SYS_TGKILL, process, threadId, NUMBER, 0));
  }

  /** Takes back signals that are pending in the calling thread; waits for none. */
  static void consume() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocateFrom(JAVA_LONG, BIT);
      MemorySegment noTime = arena.allocate(JAVA_LONG, 2);
      long result;
      do {
        result =
            Libc.syscall(
                Libc.SYS_RT_SIGTIMEDWAIT, set.address(), 0, noTime.address(), SIGSET_BYTES);
      } while (result == NUMBER || result == -Errno.EINTR);
      if (result != -Errno.EAGAIN) {
        check("rt_sigtimedwait", result);
      }
    }
  }

  private static void check(String call, long result) {
    if (result < 0) {
      throw new SystemCallException(call, (int) -result);
    }
  }
}
