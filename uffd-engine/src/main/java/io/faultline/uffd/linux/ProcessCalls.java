package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Downcalls that only {@link LinuxProbe} needs; else as {@link Libc}. */
final class ProcessCalls {
  static final int PROT_READ_EXEC = 5;
  static final int SIGKILL = 9;
  static final int WNOHANG = 1;

  private static final MethodHandle POLL =
      Libc.call("poll", -1, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle PWRITE =
      Libc.call("pwrite", -1, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle MPROTECT =
      Libc.call("mprotect", -1, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle KILL = Libc.call("kill", -1, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle WAITPID =
      Libc.call("waitpid", -1, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);

  private ProcessCalls() {}

  static int poll(long pollFd, int timeoutMillis) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return Libc.result(
          (int) POLL.invokeExact(scratch.capture(), pollFd, 1L, timeoutMillis), scratch);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  static long pwrite(int fd, long address, long bytes) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return Libc.result(
          (long) PWRITE.invokeExact(scratch.capture(), fd, address, bytes, 0L), scratch);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  static int mprotect(long address, long bytes, int protection) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return Libc.result(
          (int) MPROTECT.invokeExact(scratch.capture(), address, bytes, protection), scratch);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  static int kill(int process, int signal) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return Libc.result((int) KILL.invokeExact(scratch.capture(), process, signal), scratch);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** Returns the process, 0 where it has not ended, or a negated errno; leaves the status. */
  static int waitpid(int process, MemorySegment status, int options) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return Libc.result(
          (int) WAITPID.invokeExact(scratch.capture(), process, status.address(), options),
          scratch);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }
}
