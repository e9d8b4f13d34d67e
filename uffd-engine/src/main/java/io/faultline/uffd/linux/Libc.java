package io.faultline.uffd.linux;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.bindWithoutErrno;
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
 * Downcalls to the C library, bound by {@link NativeCalls}. Each returns the C function's result,
 * or the negated errno if the function fails.
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
  static final int MFD_ALLOW_SEALING = 2;
  static final int MFD_HUGETLB = 4;
  static final int FALLOC_FL_KEEP_SIZE = 1;
  static final int FALLOC_FL_PUNCH_HOLE = 2;

  private static final MethodHandle SYSCALL =
      bind("syscall", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG), firstVariadicArg(1));
  private static final MethodHandle IOCTL =
      bind(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          firstVariadicArg(2));
  private static final MethodHandle PLAIN_IOCTL =
      bindWithoutErrno(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          firstVariadicArg(2));
  private static final MethodHandle OPEN =
      bind(
          "open",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT),
          firstVariadicArg(2));
  private static final MethodHandle FCNTL =
      bind(
          "fcntl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
          firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      bind("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle READ =
      bind("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PLAIN_READ =
      bindWithoutErrno("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PREAD =
      bind("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MMAP =
      bind(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      bind("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MREMAP =
      bind(
          "mremap",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG),
          firstVariadicArg(4));
  private static final MethodHandle MADVISE =
      bind("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle PLAIN_MADVISE =
      bindWithoutErrno("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle PROCESS_MADVISE =
      bindWithoutErrno(
          "syscall",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          firstVariadicArg(1));
  private static final MethodHandle MEMFD_CREATE =
      bind("memfd_create", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle FTRUNCATE =
      bind("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle FALLOCATE =
      bind("fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PLAIN_FALLOCATE =
      bindWithoutErrno(
          "fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FSTATFS =
      bind("fstatfs", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle SYSCONF =
      bind("sysconf", FunctionDescriptor.of(JAVA_LONG, JAVA_INT));
  private static final MethodHandle MEMCPY =
      bindWithoutErrno("memcpy", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private static final MethodHandle LSEEK =
      bind("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));

  private static final int SC_PAGESIZE = 30;

  /** The same on every architecture (asm-generic/unistd.h). */
  private static final long SYS_PROCESS_MADVISE = 440;

  private Libc() {}

  static long syscall(long number, long argument) {
    try {
      return result((long) SYSCALL.invokeExact(capture(), number, argument));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int ioctl(int fd, long request, long argument) {
    try {
      return result((int) IOCTL.invokeExact(capture(), fd, request, argument));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Returns -1 on failure, without errno: for hot paths, see {@link NativeCalls}. */
  static int plainIoctl(int fd, long request, long argument) {
    try {
      return (int) PLAIN_IOCTL.invokeExact(fd, request, argument);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int open(String path, int flags, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(path).address();
      return result((int) OPEN.invokeExact(capture(), name, flags, mode));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int fcntl(int fd, int command, int argument) {
    try {
      return result((int) FCNTL.invokeExact(capture(), fd, command, argument));
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

  static long read(int fd, long buffer, long bytes) {
    try {
      return result((long) READ.invokeExact(capture(), fd, buffer, bytes));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Returns -1 on failure, without errno, as {@link #plainIoctl}. */
  static long plainRead(int fd, long buffer, long bytes) {
    try {
      return (long) PLAIN_READ.invokeExact(fd, buffer, bytes);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long pread(int fd, long buffer, long bytes, long offset) {
    try {
      return result((long) PREAD.invokeExact(capture(), fd, buffer, bytes, offset));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long lseek(int fd, long offset, int from) {
    try {
      return result((long) LSEEK.invokeExact(capture(), fd, offset, from));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long mmap(long length, int flags, int fd, long offset) {
    return mmap(0, length, flags, fd, offset);
  }

  /**
   * @param address with MAP_FIXED the address, where existing mappings are replaced; else 0
   */
  static long mmap(long address, long length, int flags, int fd, long offset) {
    try {
      return result(
          (long) MMAP.invokeExact(capture(), address, length, PROT_READ_WRITE, flags, fd, offset));
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

  /** Moves a mapping onto another, which it replaces. */
  static long mremap(long address, long length, long target) {
    int flags = MREMAP_MAYMOVE | MREMAP_FIXED;
    try {
      return result((long) MREMAP.invokeExact(capture(), address, length, length, flags, target));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Allocates nothing if it succeeds; else the call is made again, to learn why. */
  static int madvise(long address, long length, int advice) {
    try {
      if ((int) PLAIN_MADVISE.invokeExact(address, length, advice) == 0) {
        return 0;
      }
      return result((int) MADVISE.invokeExact(capture(), address, length, advice));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Called by number, since only glibc 2.36 and later have a function for it.
   *
   * @param ranges the address of {@code struct iovec}s
   * @return the number of bytes advised; -1, without errno, on failure
   */
  static long processMadvise(long pidfd, long ranges, long count, long advice) {
    try {
      return (long)
          PROCESS_MADVISE.invokeExact(SYS_PROCESS_MADVISE, pidfd, ranges, count, advice, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int memfdCreate(String name, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      long text = arena.allocateFrom(name).address();
      return result((int) MEMFD_CREATE.invokeExact(capture(), text, flags));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int ftruncate(int fd, long length) {
    try {
      return result((int) FTRUNCATE.invokeExact(capture(), fd, length));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** As {@link #madvise}. */
  static int fallocate(int fd, int mode, long offset, long length) {
    try {
      if ((int) PLAIN_FALLOCATE.invokeExact(fd, mode, offset, length) == 0) {
        return 0;
      }
      return result((int) FALLOCATE.invokeExact(capture(), fd, mode, offset, length));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int fstatfs(int fd, long buffer) {
    try {
      return result((int) FSTATFS.invokeExact(capture(), fd, buffer));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long pageSize() {
    try {
      return result((long) SYSCONF.invokeExact(capture(), SC_PAGESIZE));
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
}
