package io.faultline.uffd.linux;

import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** File descriptors of this process, as numbers. Thread-safe. */
public final class FileDescriptors {
  private static final int F_SETFD = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int FD_CLOEXEC = 1;

  private FileDescriptors() {}

  /** What a descriptor refers to, for the user: {@code anon_inode:[userfaultfd]}. */
  public static String describe(int fd) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
    } catch (IOException e) {
      return "not open";
    }
  }

  /**
   * Opens a file, with close-on-exec.
   *
   * @param flags of open(2), without O_CREAT
   */
  public static int open(Path path, int flags) {
    int fd = Libc.open(path.toString(), flags | Libc.O_CLOEXEC, 0);
    if (fd < 0) {
      throw new SystemCallException("open(" + path + ")", -fd);
    }
    return fd;
  }

  /** Closes a descriptor; ignores one that is not open. */
  public static void close(int fd) {
    Libc.close(fd);
  }

  /** Sets close-on-exec, which is an attribute of this descriptor. */
  public static void setCloseOnExec(int fd) {
    call("F_SETFD", fd, F_SETFD, FD_CLOEXEC);
  }

  /** Sets O_NONBLOCK, an attribute of the open file, which all its descriptors share. */
  public static void setNonBlocking(int fd) {
    int flags = call("F_GETFL", fd, F_GETFL, 0);
    if ((flags & Libc.O_NONBLOCK) == 0) {
      call("F_SETFL", fd, F_SETFL, flags | Libc.O_NONBLOCK);
    }
  }

  /**
   * Duplicates a descriptor, with close-on-exec.
   *
   * @param lowest the lowest number to use
   */
  public static int duplicate(int fd, int lowest) {
    return call("F_DUPFD_CLOEXEC", fd, F_DUPFD_CLOEXEC, lowest);
  }

  /** Whether a descriptor is open. */
  public static boolean isOpen(int fd) {
    return Libc.fcntl(fd, F_GETFL, 0) >= 0;
  }

  private static int call(String name, int fd, int command, int argument) {
    int result = Libc.fcntl(fd, command, argument);
    if (result < 0) {
      throw new SystemCallException("fcntl(" + fd + ", " + name + ", " + argument + ")", -result);
    }
    return result;
  }
}
