package io.faultline.uffd.linux;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Downcalls of {@link LinuxProbe} and its child process; results as in {@link Libc}. */
final class ProcessCalls {
  static final int PROT_READ_EXEC = 5;
  static final int SIGKILL = 9;
  static final int WNOHANG = 1;

  private static final MethodHandle POLL =
      bind("poll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle PWRITE =
      bind("pwrite", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MPROTECT =
      bind("mprotect", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle KILL =
      bind("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle WAITPID =
      bind("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));

  private ProcessCalls() {}

  static int poll(long pollFd, int timeoutMillis) {
    try {
      return result((int) POLL.invokeExact(capture(), pollFd, 1L, timeoutMillis));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long pwrite(int fd, long address, long bytes) {
    try {
      return result((long) PWRITE.invokeExact(capture(), fd, address, bytes, 0L));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int mprotect(long address, long bytes, int protection) {
    try {
      return result((int) MPROTECT.invokeExact(capture(), address, bytes, protection));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int kill(int process, int signal) {
    try {
      return result((int) KILL.invokeExact(capture(), process, signal));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Stores the status and returns the process id, 0 if the process runs, or a negated errno. */
  static int waitpid(int process, MemorySegment status, int options) {
    try {
      return result((int) WAITPID.invokeExact(capture(), process, status.address(), options));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
