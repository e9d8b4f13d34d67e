package io.faultline.uffd.linux.process;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileDescriptors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A connected stream socket of AF_UNIX over which file descriptors travel (unix(7), SCM_RIGHTS).
 * Non-blocking: an event loop polls {@link #fd()}.
 *
 * <p>Descriptors travel with the first byte of the send that carries them. A {@link #read} that
 * takes this byte discards them, so a receiver must know which bytes carry descriptors, and read no
 * further.
 *
 * <p>Not thread-safe, except {@link #close}.
 */
public final class DescriptorConnection implements AutoCloseable {
  /** The result of reads and sends when nothing can be done until the next poll. */
  public static final int WOULD_BLOCK = 0;

  /** The result of reads and sends after the peer has closed the connection. */
  public static final int END = -1;

  private static final int UCRED_BYTES = 12;

  private final int fd;
  private final AtomicBoolean closed = new AtomicBoolean();

  DescriptorConnection(int fd) {
    this.fd = fd;
  }

  /**
   * Connects.
   *
   * @param path as for {@link DescriptorListener#listen}
   * @throws SystemCallException ENOENT (no such socket), ECONNREFUSED (no process listens), EAGAIN
   *     (the listener's backlog is full)
   */
  public static DescriptorConnection connect(Path path) {
    int fd = SocketCalls.socket();
    if (fd < 0) {
      throw new SystemCallException("socket(AF_UNIX)", -fd);
    }
    int result =
        UnixAddress.call(path, (address, bytes) -> SocketCalls.connect(fd, address, bytes));
    if (result < 0) {
      FileDescriptors.close(fd);
      throw new SystemCallException("connect(" + path + ")", -result);
    }
    return new DescriptorConnection(fd);
  }

  /**
   * Takes a connection that another process has sent.
   *
   * @param descriptor a connected stream socket of AF_UNIX that is non-blocking; from now on the
   *     connection's
   */
  public static DescriptorConnection adopt(int descriptor) {
    return new DescriptorConnection(descriptor);
  }

  /** The descriptor to poll. */
  public int fd() {
    return fd;
  }

  /** The id of the process that connected or listens, in the pid namespace of this process. */
  public int peerPid() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment credentials = arena.allocate(UCRED_BYTES, Integer.BYTES);
      MemorySegment length = arena.allocateFrom(JAVA_INT, UCRED_BYTES);
      int result =
          SocketCalls.getsockopt(
              fd,
              SocketCalls.SOL_SOCKET,
              SocketCalls.SO_PEERCRED,
              credentials.address(),
              length.address());
      if (result < 0) {
        throw new SystemCallException("getsockopt(" + fd + ", SO_PEERCRED)", -result);
      }
      return credentials.get(JAVA_INT, 0);
    }
  }

  /**
   * Reads bytes into native memory. Descriptors that come with them are discarded.
   *
   * @param bytes the most to read, at least 1
   * @return the bytes read, {@link #WOULD_BLOCK} or {@link #END}
   */
  public int read(long address, int bytes) {
    checkCount(bytes);
    while (true) {
      long result = SocketCalls.read(fd, address, bytes);
      if (result != -Errno.EINTR) {
        return received("read", result);
      }
    }
  }

  /**
   * Reads bytes into native memory, and the descriptors that come with them. Ends with the bytes of
   * the send that carried descriptors.
   *
   * @param bytes the most to read, at least 1
   * @param descriptors emptied first; not changed otherwise if nothing was read
   * @return the bytes read, {@link #WOULD_BLOCK} or {@link #END}
   */
  public int receive(long address, int bytes, ReceivedDescriptors descriptors) {
    checkCount(bytes);
    descriptors.reset();
    try (Arena arena = Arena.ofConfined()) {
      SocketMessage message = new SocketMessage(arena, address, bytes, ReceivedDescriptors.MAX);
      long result = SocketCalls.recvmsg(fd, message.address());
      while (result == -Errno.EINTR) {
        result = SocketCalls.recvmsg(fd, message.address());
      }
      if (result > 0) {
        message.takeInto(descriptors);
      }
      return received("recvmsg", result);
    }
  }

  /**
   * Sends bytes of native memory, with descriptors. These travel with the first byte, and stay open
   * here.
   *
   * @param bytes at least 1
   * @return the bytes sent, {@link #WOULD_BLOCK} or {@link #END}
   */
  public int send(long address, int bytes, int... descriptors) {
    checkCount(bytes);
    try (Arena arena = Arena.ofConfined()) {
      SocketMessage message = new SocketMessage(arena, address, bytes, descriptors.length);
      message.put(descriptors);
      long result = SocketCalls.sendmsg(fd, message.address());
      while (result == -Errno.EINTR) {
        result = SocketCalls.sendmsg(fd, message.address());
      }
      return value("sendmsg", result);
    }
  }

  /**
   * Waits until there is something to read, or the end.
   *
   * @param millis the longest wait, in milliseconds
   * @return whether there is; a signal ends the wait early
   */
  public boolean awaitReadable(int millis) {
    return PollCalls.awaitReadable(fd, millis);
  }

  /** As {@link #awaitReadable(int)}, for this connection or another one. */
  public boolean awaitReadable(DescriptorConnection other, int millis) {
    return PollCalls.awaitReadable(fd, other.fd, millis);
  }

  /** As {@link #awaitReadable(int)}, for sends. */
  public boolean awaitWritable(int millis) {
    return PollCalls.awaitWritable(fd, millis);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      FileDescriptors.close(fd);
    }
  }

  private static void checkCount(int bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("bytes: " + bytes + " is below 1");
    }
  }

  private int received(String call, long result) {
    return result == 0 ? END : value(call, result);
  }

  private int value(String call, long result) {
    return switch ((int) result) {
      case -Errno.EAGAIN -> WOULD_BLOCK;
      case -Errno.EPIPE, -Errno.ECONNRESET -> END;
      default -> {
        if (result < 0) {
          throw new SystemCallException(call + "(" + fd + ")", (int) -result);
        }
        yield (int) result;
      }
    };
  }
}
