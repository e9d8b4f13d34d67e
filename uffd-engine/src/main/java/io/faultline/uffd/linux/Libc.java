package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * Downcalls to the C library. Each returns what the C function returns, or the negated errno where
 * the function fails. None is {@code critical}: a thread in one counts as native, so that it may
 * sleep (in userfaultfd, for one) without holding up the garbage collector.
 */
final class Libc {
  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  static final int PROT_READ_WRITE = 3;
  static final int MAP_SHARED = 1;
  static final int MAP_PRIVATE = 2;
  static final int MAP_FIXED = 0x10;
  static final int MAP_ANONYMOUS = 0x20;
  static final int MAP_NORESERVE = 0x4000;
  static final int MAP_HUGETLB = 0x40000;
  static final int MAP_HUGE_SHIFT = 26;
  static final int MREMAP_MAYMOVE = 1;
  static final int MREMAP_FIXED = 2;
  static final int MFD_CLOEXEC = 1;
  static final int MFD_HUGETLB = 4;
  static final int FALLOC_FL_KEEP_SIZE = 1;
  static final int FALLOC_FL_PUNCH_HOLE = 2;

  private static final Linker LINKER = Linker.nativeLinker();

  private static final MethodHandle SYSCALL = call("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle IOCTL =
      call("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PLAIN_IOCTL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("ioctl"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle OPEN = call("open", 2, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = call("close", -1, JAVA_INT, JAVA_INT);
  private static final MethodHandle READ =
      call("read", -1, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PLAIN_READ =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("read"),
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PREAD =
      call("pread", -1, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle MMAP =
      call("mmap", -1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle MUNMAP = call("munmap", -1, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle MREMAP =
      call("mremap", 4, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle MADVISE =
      call("madvise", -1, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle PROCESS_MADVISE =
      call(
          "syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          JAVA_LONG);
  private static final MethodHandle MEMFD_CREATE =
      call("memfd_create", -1, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle FTRUNCATE =
      call("ftruncate", -1, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle FALLOCATE =
      call("fallocate", -1, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle FSTATFS = call("fstatfs", -1, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle SYSCONF = call("sysconf", -1, JAVA_LONG, JAVA_INT);
  private static final MethodHandle MEMCPY =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("memcpy"),
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private static final int SC_PAGESIZE = 30;

  /** The same on every architecture (asm-generic/unistd.h). */
  private static final long SYS_PROCESS_MADVISE = 440;

  private Libc() {}

  static long syscall(long number, long argument) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return result((long) SYSCALL.invokeExact(scratch.capture(), number, argument), scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int ioctl(int fd, long request, long argument) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return result((int) IOCTL.invokeExact(scratch.capture(), fd, request, argument), scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * The same without errno: -1 where it failed. The linker takes a view of 40 bytes of where errno
   * goes for each call that wants it, wherever the compiler does not see through it.
   */
  static int plainIoctl(int fd, long request, long argument) {
    try {
      return (int) PLAIN_IOCTL.invokeExact(fd, request, argument);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int open(String path, int flags, int mode) {
    CallScratch scratch = CallScratch.ofThread();
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(path).address();
      return result((int) OPEN.invokeExact(scratch.capture(), name, flags, mode), scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int close(int fd) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return result((int) CLOSE.invokeExact(scratch.capture(), fd), scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long read(int fd, long buffer, long bytes) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return result((long) READ.invokeExact(scratch.capture(), fd, buffer, bytes), scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The same without errno, as {@link #plainIoctl}. */
  static long plainRead(int fd, long buffer, long bytes) {
    try {
      return (long) PLAIN_READ.invokeExact(fd, buffer, bytes);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long pread(int fd, long buffer, long bytes, long offset) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return result(
          (long) PREAD.invokeExact(scratch.capture(), fd, buffer, bytes, offset), scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long mmap(long length, int flags, int fd, long offset) {
    return mmap(0, length, flags, fd, offset);
  }

  /**
   * @param address with MAP_FIXED where it goes, in the place of what is there; else 0
   */
  static long mmap(long address, long length, int flags, int fd, long offset) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return result(
          (long)
              MMAP.invokeExact(
                  scratch.capture(), address, length, PROT_READ_WRITE, flags, fd, offset),
          scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int munmap(long address, long length) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return result((int) MUNMAP.invokeExact(scratch.capture(), address, length), scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Moves a mapping onto another, which it replaces. */
  static long mremap(long address, long length, long target) {
    CallScratch scratch = CallScratch.ofThread();
    int flags = MREMAP_MAYMOVE | MREMAP_FIXED;
    try {
      return result(
          (long) MREMAP.invokeExact(scratch.capture(), address, length, length, flags, target),
          scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int madvise(long address, long length, int advice) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return result((int) MADVISE.invokeExact(scratch.capture(), address, length, advice), scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * By its number: the C library has had a name for it since glibc 2.36.
   *
   * @param ranges the address of {@code struct iovec}s
   * @return bytes that have the advice
   */
  static long processMadvise(long pidfd, long ranges, long count, long advice) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return result(
          (long)
              PROCESS_MADVISE.invokeExact(
                  scratch.capture(), SYS_PROCESS_MADVISE, pidfd, ranges, count, advice, 0L),
          scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int memfdCreate(String name, int flags) {
    CallScratch scratch = CallScratch.ofThread();
    try (Arena arena = Arena.ofConfined()) {
      long text = arena.allocateFrom(name).address();
      return result((int) MEMFD_CREATE.invokeExact(scratch.capture(), text, flags), scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int ftruncate(int fd, long length) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return result((int) FTRUNCATE.invokeExact(scratch.capture(), fd, length), scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int fallocate(int fd, int mode, long offset, long length) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return result(
          (int) FALLOCATE.invokeExact(scratch.capture(), fd, mode, offset, length), scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int fstatfs(int fd, long buffer) {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return result((int) FSTATFS.invokeExact(scratch.capture(), fd, buffer), scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long pageSize() {
    CallScratch scratch = CallScratch.ofThread();
    try {
      return result((long) SYSCONF.invokeExact(scratch.capture(), SC_PAGESIZE), scratch);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Copies in native state: either side may sleep in userfaultfd. */
  static void memcpy(long destination, long source, long bytes) {
    try {
      long ignored = (long) MEMCPY.invokeExact(destination, source, bytes);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static MethodHandle call(
      String name, int firstVariadic, MemoryLayout result, MemoryLayout... arguments) {
    List<Linker.Option> options = new ArrayList<>();
    options.add(Linker.Option.captureCallState("errno"));
    if (firstVariadic >= 0) {
      options.add(Linker.Option.firstVariadicArg(firstVariadic));
    }
    MemorySegment function = LINKER.defaultLookup().findOrThrow(name);
    return LINKER.downcallHandle(
        function, FunctionDescriptor.of(result, arguments), options.toArray(Linker.Option[]::new));
  }

  static long result(long value, CallScratch scratch) {
    return value == -1 ? -scratch.errno() : value;
  }

  static int result(int value, CallScratch scratch) {
    return value == -1 ? -scratch.errno() : value;
  }

  static AssertionError unexpected(Throwable t) {
    return new AssertionError("a downcall threw", t);
  }
}
