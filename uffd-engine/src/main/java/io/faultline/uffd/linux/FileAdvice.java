package io.faultline.uffd.linux;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.nio.file.Path;

/**
 * Tells the kernel which pages of a file will be read, or not be read again (posix_fadvise(2)).
 * Advice alone: what the kernel does with it changes no result. Thread-safe, except {@link #close}.
 */
public final class FileAdvice implements AutoCloseable {
  private static final int WILL_NEED = 3;
  private static final int DONT_NEED = 4;

  private final int fd;

  private FileAdvice(int fd) {
    this.fd = fd;
  }

  /**
   * Opens a file.
   *
   * @throws SystemCallException with the errno of open(2)
   */
  public static FileAdvice open(Path path) {
    int fd = Libc.open(path.toString(), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
    if (fd < 0) {
      throw new SystemCallException("open(" + path + ")", -fd);
    }
    return new FileAdvice(fd);
  }

  /**
   * Begins to read a range into the page cache. Waits while the device has too many requests.
   *
   * @param bytes 0 for all up to the end of the file
   */
  public void willNeed(long offset, long bytes) {
    FileCalls.fadvise(fd, offset, bytes, WILL_NEED);
  }

  /**
   * Drops the file from the page cache, except pages that are dirty, or mapped.
   *
   * @throws SystemCallException if the kernel refuses
   */
  public void drop() {
    int error = FileCalls.fadvise(fd, 0, 0, DONT_NEED);
    if (error != 0) {
      throw new SystemCallException("posix_fadvise(DONTNEED): " + Errno.name(error), error);
    }
  }

  @Override
  public void close() {
    Libc.close(fd);
  }
}
