package io.faultline.uffd.linux.injection;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.Linker.Option.firstVariadicArg;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * Downcalls of ptrace(2), with the numbers of {@code include/uapi/linux/ptrace.h}. Each returns the
 * call's result, or the negated errno. The kernel accepts all requests for a thread from the one
 * thread that attached to it.
 */
final class PtraceCalls {
  static final int CONT = 7;
  static final int DETACH = 17;
  static final int SYSCALL = 24;
  static final int SETOPTIONS = 0x4200;
  static final int GETSIGINFO = 0x4202;
  static final int GETREGSET = 0x4204;
  static final int SETREGSET = 0x4205;
  static final int SEIZE = 0x4206;
  static final int INTERRUPT = 0x4207;
  static final int PEEKSIGINFO = 0x4209;
  static final int GETSIGMASK = 0x420a;
  static final int SETSIGMASK = 0x420b;
  static final int GET_SYSCALL_INFO = 0x420e;

  /** Since Linux 5.13. */
  static final int GET_RSEQ_CONFIGURATION = 0x420f;

  static final int O_TRACESYSGOOD = 1;
  static final int O_EXITKILL = 1 << 20;

  private static final int WNOHANG = 1;

  /** Also for threads that are not the leader of their process. */
  private static final int WALL = 0x40000000;

  private static final MethodHandle PTRACE =
      bind(
          "ptrace",
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          firstVariadicArg(1));
  private static final MethodHandle WAITPID =
      bind("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle TGKILL =
      bind("tgkill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

  private PtraceCalls() {}

  static long ptrace(int request, int thread, long address, long data) {
    try {
      return result((long) PTRACE.invokeExact(capture(), request, thread, address, data));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Returns the thread's id if it has stopped or ended, 0 if not, or the negated errno.
   *
   * @param status the address of an int
   */
  static int poll(int thread, long status) {
    try {
      return result((int) WAITPID.invokeExact(capture(), thread, status, WNOHANG | WALL));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Sends a signal to a thread. */
  static int signal(int process, int thread, int signal) {
    try {
      return result((int) TGKILL.invokeExact(capture(), process, thread, signal));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
