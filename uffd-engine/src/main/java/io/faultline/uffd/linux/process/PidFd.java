package io.faultline.uffd.linux.process;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileDescriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A process, held by a descriptor: unlike its id, it never refers to another process
 * (pidfd_open(2), since Linux 5.3; {@link #duplicate} since 5.6). Thread-safe.
 */
public final class PidFd implements AutoCloseable {
  public static final int SIGKILL = 9;
  public static final int SIGTERM = 15;
  public static final int SIGCONT = 18;
  public static final int SIGSTOP = 19;

  private static final String PTRACE_HINT =
      "run as root, with CAP_SYS_PTRACE, or as the user of that process";

  private final int pid;
  private final int fd;
  private final AtomicBoolean closed = new AtomicBoolean();

  private PidFd(int pid, int fd) {
    this.pid = pid;
    this.fd = fd;
  }

  /**
   * Opens the process that has this id now.
   *
   * @param pid in the pid namespace of this process
   * @return null if there is none
   * @throws SystemCallException EINVAL (the id of a thread), EMFILE
   */
  public static @Nullable PidFd open(int pid) {
    int fd = PidfdCalls.open(pid);
    if (fd == -Errno.ESRCH) {
      return null;
    }
    if (fd < 0) {
      throw new SystemCallException("pidfd_open(" + pid + ")", -fd);
    }
    return new PidFd(pid, fd);
  }

  /**
   * Opens a process that was seen earlier.
   *
   * @param startTicks its {@link ProcessEntry#startTicks}
   * @return null if it has exited, even if its id belongs to another process now
   */
  public static @Nullable PidFd open(int pid, long startTicks) {
    PidFd opened = open(pid);
    if (opened == null) {
      return null;
    }
    ProcessEntry now = new ProcessTable().find(pid);
    if (now == null || now.startTicks() != startTicks) {
      opened.close();
      return null;
    }
    return opened;
  }

  /** The id of the process; after its exit another process may have it. */
  public int pid() {
    return pid;
  }

  /** The descriptor to poll: it becomes readable when the process, with all threads, exits. */
  public int fd() {
    return fd;
  }

  /** Whether the process has exited; also true of one that its parent has not reaped yet. */
  public boolean hasExited() {
    return PollCalls.awaitReadable(fd, 0);
  }

  /**
   * Whether the process has exited or is about to: its memory is gone, which calls for it return
   * ESRCH for, some time before its descriptor becomes readable. Reads a file in /proc.
   */
  public boolean isExiting() {
    return hasExited() || !hasMemory() || hasExited(); // or the id is another's by now
  }

  /** Of the process that has the id now. */
  private boolean hasMemory() {
    try {
      String pages = Files.readString(Path.of("/proc/" + pid + "/statm"));
      return !pages.startsWith("0 ");
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Waits until the process, with all threads, has exited.
   *
   * @param millis the longest wait, in milliseconds
   * @return whether it has
   */
  public boolean awaitExit(int millis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    long left = millis;
    boolean exited = PollCalls.awaitReadable(fd, (int) left);
    while (!exited && left > 0) { // a signal ends a wait early
      left = Math.max(0, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
      exited = PollCalls.awaitReadable(fd, (int) left);
    }
    return exited;
  }

  /**
   * Sends a signal.
   *
   * @return false if the process has exited
   * @throws SystemCallException EPERM
   */
  public boolean sendSignal(int signal) {
    int result = PidfdCalls.sendSignal(fd, signal);
    if (result < 0 && result != -Errno.ESRCH) {
      throw new SystemCallException("pidfd_send_signal(" + pid + ", " + signal + ")", -result);
    }
    return result >= 0;
  }

  /**
   * Duplicates a descriptor of the process into this one, with close-on-exec.
   *
   * @return empty if the process has exited
   * @throws SystemCallException EBADF (not open in that process), EPERM (see ptrace(2)), EMFILE
   */
  public OptionalInt duplicate(int descriptor) {
    int result = PidfdCalls.getFd(fd, descriptor);
    if (result == -Errno.ESRCH) {
      return OptionalInt.empty();
    }
    if (result < 0) {
      throw new SystemCallException(
          "pidfd_getfd(" + pid + ", " + descriptor + ")",
          -result,
          result == -Errno.EPERM ? PTRACE_HINT : "");
    }
    return OptionalInt.of(result);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      FileDescriptors.close(fd);
    }
  }

  @Override
  public String toString() {
    return "process " + pid;
  }
}
