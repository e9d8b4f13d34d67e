package io.faultline.uffd.linux.process;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileDescriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A listening stream socket of AF_UNIX whose clients may send file descriptors (unix(7)).
 * Non-blocking: an event loop polls {@link #fd()} for readability and then accepts.
 *
 * <p>Not thread-safe, except {@link #close}.
 */
public final class DescriptorListener implements AutoCloseable {
  private static final int FILE_TYPE = 0170000;
  private static final int SOCKET = 0140000;

  private final int fd;
  private final Path path;
  private final AtomicBoolean closed = new AtomicBoolean();

  private DescriptorListener(int fd, Path path) {
    this.fd = fd;
    this.path = path;
  }

  /**
   * Binds and listens. A socket that an earlier process left at {@code path} is removed; it is not
   * checked whether that process still listens.
   *
   * @param path absolute, or relative to the working directory of this process; of any length, with
   *     a name of at most 80 bytes
   * @param backlog how many connections may wait to be accepted
   * @throws SystemCallException EADDRINUSE (there is a file which is not a socket), EACCES, ENOENT
   */
  public static DescriptorListener listen(Path path, int backlog) {
    int fd = SocketCalls.socket();
    if (fd < 0) {
      throw new SystemCallException("socket(AF_UNIX)", -fd);
    }
    try {
      bind(fd, path);
      int result = SocketCalls.listen(fd, backlog);
      if (result < 0) {
        throw new SystemCallException("listen(" + path + ", " + backlog + ")", -result);
      }
      return new DescriptorListener(fd, path);
    } catch (RuntimeException e) {
      FileDescriptors.close(fd);
      throw e;
    }
  }

  /**
   * As {@link #listen}, unless a process listens there.
   *
   * @throws SystemCallException also EADDRINUSE if one does
   */
  public static DescriptorListener listenUnlessInUse(Path path, int backlog) {
    try {
      DescriptorConnection.connect(path).close();
    } catch (SystemCallException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ECONNREFUSED) {
        return listen(path, backlog);
      }
      throw e;
    }
    throw inUse(path, "another process listens there: end it, or choose another path");
  }

  /** The descriptor to poll for readability. */
  public int fd() {
    return fd;
  }

  /** The path as it was given. */
  public Path path() {
    return path;
  }

  /**
   * Waits until a connection can be accepted.
   *
   * @param millis the longest wait, in milliseconds
   * @return whether there is one; a signal ends the wait early
   */
  public boolean awaitReadable(int millis) {
    return PollCalls.awaitReadable(fd, millis);
  }

  /** Accepts a connection; null if none waits. */
  public @Nullable DescriptorConnection accept() {
    while (true) {
      int accepted = SocketCalls.accept(fd);
      if (accepted >= 0) {
        return new DescriptorConnection(accepted);
      }
      if (accepted == -Errno.EAGAIN) {
        return null;
      }
      if (accepted != -Errno.EINTR && accepted != -Errno.ECONNABORTED) {
        throw new SystemCallException("accept(" + path + ")", -accepted);
      }
    }
  }

  /** Closes the listener. The file stays, as its next user expects it to. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      FileDescriptors.close(fd);
    }
  }

  private static void bind(int fd, Path path) {
    int result = UnixAddress.call(path, (address, bytes) -> SocketCalls.bindTo(fd, address, bytes));
    if (result == -Errno.EADDRINUSE) {
      removeLeftover(path);
      result = UnixAddress.call(path, (address, bytes) -> SocketCalls.bindTo(fd, address, bytes));
    }
    if (result < 0) {
      throw new SystemCallException("bind(" + path + ")", -result);
    }
  }

  private static void removeLeftover(Path path) {
    try {
      int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      if ((mode & FILE_TYPE) != SOCKET) {
        throw inUse(path, "this file is not a socket: remove it, or use another directory");
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw inUse(path, "the socket of an earlier process cannot be removed: " + e);
    }
  }

  private static SystemCallException inUse(Path path, String hint) {
    return new SystemCallException("bind(" + path + ")", Errno.EADDRINUSE, hint);
  }
}
