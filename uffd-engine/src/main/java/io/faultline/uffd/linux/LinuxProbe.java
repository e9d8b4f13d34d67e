package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.faultline.uffd.OpenPath;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Calls that only a conformance test needs: handshakes that the kernel refuses, accesses by the
 * kernel itself, child processes. Thread-safe.
 */
public final class LinuxProbe {
  /** poll(2): readable. */
  public static final int POLLIN = 1;

  /** poll(2): an error. */
  public static final int POLLERR = 8;

  private static final long CLONE_VM = 0x100;
  private static final long SIGCHLD = 17;

  private final Machine machine = Machine.current();
  private final UserfaultfdOpener opener = new UserfaultfdOpener(machine);
  private final LinuxKernel kernel = new LinuxKernel();
  private @Nullable ChildCode code;

  /**
   * The results of two UFFDIO_API calls on one new userfaultfd.
   *
   * @param first the errno of the first call, 0 for success
   * @param features the features after the first call
   * @param ioctls the ioctls after the first call
   * @param second the errno of a second, valid call
   */
  public record Handshake(int first, long features, long ioctls, int second) {}

  /**
   * Opens a userfaultfd and calls UFFDIO_API with this version and features, then a valid one.
   *
   * @throws SystemCallException if no userfaultfd can be opened by this path
   */
  public Handshake handshake(OpenPath path, long version, long features) {
    int fd = opener.openRaw(path);
    if (fd < 0) {
      throw new SystemCallException("userfaultfd(path=" + path + ")", -fd);
    }
    try {
      MemorySegment argument = UffdioApi.argument(version, features);
      int first = -Libc.ioctl(fd, UffdioApi.IOCTL, argument.address());
      long granted = argument.get(JAVA_LONG, UffdioApi.FEATURES);
      long ioctls = argument.get(JAVA_LONG, UffdioApi.IOCTLS);
      int second =
          -Libc.ioctl(fd, UffdioApi.IOCTL, UffdioApi.argument(UffdioApi.VERSION, 0).address());
      return new Handshake(first, granted, ioctls, second);
    } finally {
      Libc.close(fd);
    }
  }

  /** Polls a descriptor without waiting; returns {@link #POLLIN}, {@link #POLLERR} or 0. */
  public int poll(int fd) {
    MemorySegment pollFd = CallScratch.ofThread().argument();
    pollFd.set(JAVA_INT, 0, fd);
    pollFd.set(JAVA_SHORT, 4, (short) POLLIN);
    pollFd.set(JAVA_SHORT, 6, (short) 0);
    int result = ProcessCalls.poll(pollFd.address(), 0);
    if (result < 0) {
      throw new SystemCallException("poll(" + fd + ")", -result);
    }
    return pollFd.get(JAVA_SHORT, 6);
  }

  /** Makes the kernel read eight bytes of this process's memory; returns 0 or an errno. */
  public int kernelLoad(long address) {
    int fd = Libc.memfdCreate("faultline-probe", Libc.MFD_CLOEXEC);
    try {
      return (int) -Math.min(0, ProcessCalls.pwrite(fd, address, Long.BYTES));
    } finally {
      Libc.close(fd);
    }
  }

  /** Makes the kernel write eight zero bytes to this process's memory; returns 0 or an errno. */
  public int kernelStore(long address) {
    int fd = Libc.open("/dev/zero", Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
    try {
      return (int) -Math.min(0, Libc.read(fd, address, Long.BYTES));
    } finally {
      Libc.close(fd);
    }
  }

  /**
   * Holds the pages of a range as I/O in flight does, until the result is closed.
   *
   * @throws UnsupportedOperationException if the system forbids io_uring
   */
  public AutoCloseable pin(long address, long lengthBytes) {
    return IoUringBuffer.pin(address, lengthBytes);
  }

  /**
   * Forks: starts a process with a copy of this process's memory. Sleeps while a fork event is
   * unread.
   *
   * @throws UnsupportedOperationException if {@code ChildCode} does not support this machine
   */
  public ChildProcess fork(ChildProgram program) {
    return start(program, SIGCHLD);
  }

  /**
   * Starts a process that shares this process's memory, but has its own signal handlers and end.
   */
  public ChildProcess share(ChildProgram program) {
    return start(program, SIGCHLD | CLONE_VM);
  }

  private ChildProcess start(ChildProgram program, long cloneFlags) {
    int id = program.start(code(), cloneFlags);
    if (id < 0) {
      throw new SystemCallException("clone(" + Long.toHexString(cloneFlags) + ")", -id);
    }
    return new ChildProcess(id, kernel.pageSizeBytes(PageSize.BASE));
  }

  private synchronized ChildCode code() {
    if (code == null) {
      code = ChildCode.load(machine);
    }
    return code;
  }
}
