package io.faultline.uffd.linux;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.bindWithoutErrno;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * Downcalls of {@link DirectFile} and {@link FileAdvice}; results as in {@link Libc}, unless said
 * otherwise.
 */
final class FileCalls {
  static final int O_DIRECT_X86 = 0x4000;
  static final int O_DIRECT_ARM = 0x10000;
  static final int LOCK_SHARED_NOW = 1 | 4;
  static final int LOCK_EXCLUSIVE_NOW = 2 | 4;
  static final int SEEK_END = 2;

  private static final FunctionDescriptor TRANSFER =
      FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private static final MethodHandle PLAIN_PREAD = bindWithoutErrno("pread", TRANSFER);
  private static final MethodHandle PLAIN_PWRITE = bindWithoutErrno("pwrite", TRANSFER);
  private static final MethodHandle PWRITE = bind("pwrite", TRANSFER);
  private static final MethodHandle FDATASYNC =
      bind("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FLOCK =
      bind("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  /** Returns the error instead of setting errno. */
  private static final MethodHandle FADVISE =
      bindWithoutErrno(
          "posix_fadvise",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private FileCalls() {}

  /** Returns 0 or an errno. */
  static int fadvise(int fd, long offset, long bytes, int advice) {
    try {
      return (int) FADVISE.invokeExact(fd, offset, bytes, advice);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Returns -1 on failure, without errno: for hot paths. */
  static long plainPread(int fd, long buffer, long bytes, long offset) {
    try {
      return (long) PLAIN_PREAD.invokeExact(fd, buffer, bytes, offset);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** As {@link #plainPread}. */
  static long plainPwrite(int fd, long buffer, long bytes, long offset) {
    try {
      return (long) PLAIN_PWRITE.invokeExact(fd, buffer, bytes, offset);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long pwrite(int fd, long buffer, long bytes, long offset) {
    try {
      return result((long) PWRITE.invokeExact(capture(), fd, buffer, bytes, offset));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int fdatasync(int fd) {
    try {
      return result((int) FDATASYNC.invokeExact(capture(), fd));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int flock(int fd, int operation) {
    try {
      return result((int) FLOCK.invokeExact(capture(), fd, operation));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
