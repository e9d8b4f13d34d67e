package io.faultline.uffd.linux.process;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.Linker.Option.firstVariadicArg;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * The system calls of pidfds, by number, since only glibc 2.36 and later have functions for them.
 * The numbers are the same on every architecture ({@code asm-generic/unistd.h}). Each returns the
 * call's result, or the negated errno.
 */
final class PidfdCalls {
  private static final long PIDFD_SEND_SIGNAL = 424;
  private static final long PIDFD_OPEN = 434;
  private static final long PIDFD_GETFD = 438;

  private static final MethodHandle SYSCALL =
      bind(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          firstVariadicArg(1));

  private PidfdCalls() {}

  /** Opens a pidfd, which is always close-on-exec. */
  static int open(int pid) {
    return (int) syscall(PIDFD_OPEN, pid, 0, 0);
  }

  static int sendSignal(int pidfd, int signal) {
    return (int) syscall(PIDFD_SEND_SIGNAL, pidfd, signal, 0);
  }

  /** Duplicates a descriptor of the process, with close-on-exec. */
  static int getFd(int pidfd, int descriptor) {
    return (int) syscall(PIDFD_GETFD, pidfd, descriptor, 0);
  }

  private static long syscall(long number, long first, long second, long third) {
    try {
      return result((long) SYSCALL.invokeExact(capture(), number, first, second, third, 0L));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
