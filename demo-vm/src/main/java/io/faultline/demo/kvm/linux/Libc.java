package io.faultline.demo.kvm.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Downcalls to the C library. Each returns what the C function returns, or the negated errno where
 * the function fails. None is {@code critical}: a thread in one counts as native, so that it may
 * run a guest, or sleep in userfaultfd, without holding up the garbage collector.
 */
final class Libc {
  static final int O_RDWR = 2;
  static final int O_CLOEXEC = 0x80000;

  /** System calls that the C library would wrap with structures of its own; x86-64. */
  static final long SYS_RT_SIGPROCMASK = 14;

  static final long SYS_GETPID = 39;
  static final long SYS_RT_SIGTIMEDWAIT = 128;
  static final long SYS_GETTID = 186;
  static final long SYS_TGKILL = 234;

  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final long ERRNO_OFFSET =
      Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));
  private static final ThreadLocal<MemorySegment> CAPTURE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

  private static final MethodHandle IOCTL =
      call("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle SYSCALL =
      call("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle OPEN = call("open", 2, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = call("close", -1, JAVA_INT, JAVA_INT);
  private static final MethodHandle MMAP =
      call("mmap", -1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle PREAD =
      call("pread", -1, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle MUNMAP = call("munmap", -1, JAVA_INT, JAVA_LONG, JAVA_LONG);

  private Libc() {}

  static int ioctl(int fd, long request, long argument) {
    MemorySegment capture = CAPTURE.get();
    try {
      return (int) result((int) IOCTL.invokeExact(capture, fd, request, argument), capture);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long syscall(long number, long a, long b, long c, long d) {
    MemorySegment capture = CAPTURE.get();
    try {
      return result((long) SYSCALL.invokeExact(capture, number, a, b, c, d), capture);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int open(String path, int flags) {
    MemorySegment capture = CAPTURE.get();
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(path).address();
      return (int) result((int) OPEN.invokeExact(capture, name, flags, 0), capture);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int close(int fd) {
    MemorySegment capture = CAPTURE.get();
    try {
      return (int) result((int) CLOSE.invokeExact(capture, fd), capture);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Maps the start of a file, shared, to be read and written. */
  static long mmap(int fd, long length) {
    MemorySegment capture = CAPTURE.get();
    try {
      return result(
          (long) MMAP.invokeExact(capture, 0L, length, PROT_READ_WRITE, MAP_SHARED, fd, 0L),
          capture);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Reads a file at an offset. */
  static long pread(int fd, long into, long length, long offset) {
    MemorySegment capture = CAPTURE.get();
    try {
      return result((long) PREAD.invokeExact(capture, fd, into, length, offset), capture);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int munmap(long address, long length) {
    MemorySegment capture = CAPTURE.get();
    try {
      return (int) result((int) MUNMAP.invokeExact(capture, address, length), capture);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static MethodHandle call(
      String name, int firstVariadic, MemoryLayout result, MemoryLayout... arguments) {
    Linker.Option errno = Linker.Option.captureCallState("errno");
    FunctionDescriptor type = FunctionDescriptor.of(result, arguments);
    MemorySegment function = LINKER.defaultLookup().findOrThrow(name);
    return firstVariadic < 0
        ? LINKER.downcallHandle(function, type, errno)
        : LINKER.downcallHandle(
            function, type, errno, Linker.Option.firstVariadicArg(firstVariadic));
  }

  private static long result(long value, MemorySegment capture) {
    return value == -1 ? -capture.get(JAVA_INT, ERRNO_OFFSET) : value;
  }

  private static AssertionError unexpected(Throwable t) {
    return new AssertionError("a downcall threw", t);
  }
}
