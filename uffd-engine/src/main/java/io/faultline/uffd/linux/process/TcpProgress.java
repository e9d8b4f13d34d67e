package io.faultline.uffd.linux.process;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * How many bytes of a TCP connection programs have read and written, as the kernel counts them: so
 * that a program which gets the socket of another one knows where in both streams it is. Take the
 * difference of two values: the counts do not start at the same number on both sides of a
 * connection.
 *
 * <p>From {@code struct tcp_info} ({@code include/uapi/linux/tcp.h}; its counts since Linux 4.1)
 * and the queues (tcp(7), SIOCINQ, SIOCOUTQ):
 *
 * <pre>
 *   0       1          120           128              136
 *   +-------+----------+-------------+----------------+-----
 *   | state | ...      | bytes acked | bytes received | ...
 *   +-------+----------+-------------+----------------+-----
 * </pre>
 *
 * @param isEstablished whether neither side has ended its stream, nor the connection was reset
 * @param readBytes read by programs: those that were received, without those that wait
 * @param writtenBytes written by programs: those that the peer has acknowledged, and those that
 *     wait for that
 */
public record TcpProgress(boolean isEstablished, long readBytes, long writtenBytes) {
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_INFO = 11;
  private static final int TCP_ESTABLISHED = 1;
  private static final long SIOCINQ = 0x541b;
  private static final long SIOCOUTQ = 0x5411;

  private static final long STATE = 0;
  private static final long BYTES_ACKED = 120;
  private static final long BYTES_RECEIVED = 128;
  private static final int INFO_BYTES = 136;

  private static final MethodHandle IOCTL =
      bind(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(2));

  /**
   * Reads the counts. The caller is the only one who reads from and writes to the socket meanwhile,
   * and does not.
   *
   * @param fd of a connected TCP socket
   * @throws SystemCallException EBADF, EOPNOTSUPP (no TCP), ENOTTY (no socket)
   */
  public static TcpProgress of(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(INFO_BYTES, Long.BYTES);
      while (true) {
        int waiting = queue(arena, fd, SIOCINQ, "SIOCINQ");
        int unacknowledged = queue(arena, fd, SIOCOUTQ, "SIOCOUTQ");
        read(arena, fd, info);
        boolean isSame = // nothing was received between the calls, nor acknowledged
            waiting == queue(arena, fd, SIOCINQ, "SIOCINQ")
                && unacknowledged == queue(arena, fd, SIOCOUTQ, "SIOCOUTQ");
        if (isSame) {
          return new TcpProgress(
              info.get(JAVA_BYTE, STATE) == TCP_ESTABLISHED,
              info.get(JAVA_LONG, BYTES_RECEIVED) - waiting,
              info.get(JAVA_LONG, BYTES_ACKED) + unacknowledged);
        }
      }
    }
  }

  private static void read(Arena arena, int fd, MemorySegment info) {
    MemorySegment length = arena.allocateFrom(JAVA_INT, INFO_BYTES);
    int read = SocketCalls.getsockopt(fd, IPPROTO_TCP, TCP_INFO, info.address(), length.address());
    if (read < 0) {
      throw new SystemCallException("getsockopt(" + fd + ", TCP_INFO)", -read);
    }
    if (length.get(JAVA_INT, 0) < INFO_BYTES) {
      throw new IllegalStateException("TCP_INFO does not count bytes: Linux 4.1 does");
    }
  }

  private static int queue(Arena arena, int fd, long request, String name) {
    MemorySegment bytes = arena.allocate(JAVA_INT);
    int read = ioctl(fd, request, bytes.address());
    if (read < 0) {
      throw new SystemCallException("ioctl(" + fd + ", " + name + ")", -read);
    }
    return bytes.get(JAVA_INT, 0);
  }

  private static int ioctl(int fd, long request, long argument) {
    try {
      return result((int) IOCTL.invokeExact(capture(), fd, request, argument));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
