package io.faultline.demo.kvm.linux;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.Linker.Option.firstVariadicArg;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * Downcalls to the C library, bound by {@link io.faultline.uffd.linux.NativeCalls}. Each returns
 * the C function's result, or the negated errno if the function fails.
 */
final class Libc {
  static final int O_RDWR = 2;
  static final int O_CLOEXEC = 0x80000;

  /** System call numbers (x86-64) for which the C library's wrappers use different structures. */
  static final long SYS_RT_SIGPROCMASK = 14;

  static final long SYS_GETPID = 39;
  static final long SYS_RT_SIGTIMEDWAIT = 128;
  static final long SYS_GETTID = 186;
  static final long SYS_TGKILL = 234;

  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;

  private static final MethodHandle IOCTL =
      bind(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          firstVariadicArg(2));
  private static final MethodHandle SYSCALL =
      bind(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          firstVariadicArg(1));
  private static final MethodHandle OPEN =
      bind(
          "open",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT),
          firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      bind("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle MMAP =
      bind(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle PREAD =
      bind("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      bind("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));

  private Libc() {}

  static int ioctl(int fd, long request, long argument) {
    try {
      return result((int) IOCTL.invokeExact(capture(), fd, request, argument));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long syscall(long number, long a, long b, long c, long d) {
    try {
      return result((long) SYSCALL.invokeExact(capture(), number, a, b, c, d));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int open(String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(path).address();
      return result((int) OPEN.invokeExact(capture(), name, flags, 0));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int close(int fd) {
    try {
      return result((int) CLOSE.invokeExact(capture(), fd));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Maps the start of a file: shared, readable and writable. */
  static long mmap(int fd, long length) {
    try {
      return result(
          (long) MMAP.invokeExact(capture(), 0L, length, PROT_READ_WRITE, MAP_SHARED, fd, 0L));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long pread(int fd, long buffer, long length, long offset) {
    try {
      return result((long) PREAD.invokeExact(capture(), fd, buffer, length, offset));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int munmap(long address, long length) {
    try {
      return result((int) MUNMAP.invokeExact(capture(), address, length));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
