package io.faultline.uffd.linux;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.bindWithoutErrno;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * Reads memory of this process that another thread may unmap at the same time: by
 * process_vm_readv(2), which then fails, where a load would end the process. Where that call is
 * forbidden, by loads.
 */
final class OwnMemory {
  private static final int PID = (int) ProcessHandle.current().pid();
  private static final int IOVEC_BYTES = 16;
  private static final FunctionDescriptor TYPE =
      FunctionDescriptor.of(
          JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PLAIN_READ = bindWithoutErrno("process_vm_readv", TYPE);
  private static final MethodHandle READ = bind("process_vm_readv", TYPE);

  private OwnMemory() {}

  /**
   * Copies memory. Allocates nothing.
   *
   * @throws SystemCallException EFAULT if a part of it is not mapped, or poisoned
   */
  static void read(long address, long target, long bytes) {
    MemorySegment vectors = CallScratch.ofThread().argument();
    for (long done = 0; done < bytes; ) {
      vectors.set(JAVA_LONG, 0, target + done);
      vectors.set(JAVA_LONG, Long.BYTES, bytes - done);
      vectors.set(JAVA_LONG, IOVEC_BYTES, address + done);
      vectors.set(JAVA_LONG, IOVEC_BYTES + Long.BYTES, bytes - done);
      long local = vectors.address();
      long read = plainRead(local, local + IOVEC_BYTES);
      if (read <= 0) {
        read = readOnce(local, local + IOVEC_BYTES); // again, for the errno
      }
      if (read == -Errno.EPERM || read == -Errno.ENOSYS) {
        Libc.memcpy(target, address, bytes);
        return;
      }
      if (read <= 0) {
        throw new SystemCallException(
            String.format(Locale.ROOT, "process_vm_readv(0x%x, %d bytes)", address, bytes),
            read == 0 ? Errno.EFAULT : (int) -read);
      }
      done += read;
    }
  }

  private static long plainRead(long local, long remote) {
    try {
      return (long) PLAIN_READ.invokeExact(PID, local, 1L, remote, 1L, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static long readOnce(long local, long remote) {
    try {
      return result((long) READ.invokeExact(capture(), PID, local, 1L, remote, 1L, 0L));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
