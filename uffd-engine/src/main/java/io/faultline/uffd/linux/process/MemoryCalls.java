package io.faultline.uffd.linux.process;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** Downcalls that read another process's memory: bytes read, or the negated errno. */
final class MemoryCalls {
  private static final MethodHandle PROCESS_VM_READV =
      bind(
          "process_vm_readv",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PREAD =
      bind("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private MemoryCalls() {}

  /**
   * @param local the address of one {@code struct iovec} of this process
   * @param remote the address of {@code struct iovec}s of the other process
   */
  static long read(int pid, long local, long remote, int count) {
    try {
      return result(
          (long) PROCESS_VM_READV.invokeExact(capture(), pid, local, 1L, remote, (long) count, 0L));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long pread(int fd, long target, long bytes, long offset) {
    try {
      return result((long) PREAD.invokeExact(capture(), fd, target, bytes, offset));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
