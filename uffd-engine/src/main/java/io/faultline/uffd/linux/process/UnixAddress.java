package io.faultline.uffd.linux.process;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileDescriptors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * {@code struct sockaddr_un}: two bytes of family, then a path of at most 107 bytes and a zero. A
 * longer path is reached through its directory: {@code /proc/self/fd/N/name}.
 */
final class UnixAddress {
  private static final int MAX_PATH_BYTES = 107;
  private static final int FAMILY_BYTES = 2;
  private static final int O_PATH = 0x200000;

  /** A call with a native address and its length, such as bind. */
  interface Call {
    int apply(long address, int bytes);
  }

  private UnixAddress() {}

  /**
   * Calls with the address of a path, whatever its length.
   *
   * @return the call's result
   * @throws SystemCallException if the directory of a long path cannot be opened, or the name alone
   *     is too long
   */
  static int call(Path path, Call call) {
    if (bytes(path.toString()).length <= MAX_PATH_BYTES) {
      return call(path.toString(), call);
    }
    Path absolute = path.toAbsolutePath();
    Path directory = absolute.getParent();
    int fd = FileDescriptors.open(directory == null ? absolute : directory, O_PATH);
    try {
      String name = "/proc/self/fd/" + fd + "/" + path.getFileName();
      if (bytes(name).length > MAX_PATH_BYTES) {
        throw new SystemCallException("the name " + path.getFileName(), Errno.ENAMETOOLONG);
      }
      return call(name, call);
    } finally {
      FileDescriptors.close(fd);
    }
  }

  private static int call(String name, Call call) {
    byte[] path = bytes(name);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(FAMILY_BYTES + path.length, Short.BYTES);
      address.set(JAVA_SHORT, 0, (short) SocketCalls.AF_UNIX);
      MemorySegment.copy(path, 0, address, JAVA_BYTE, FAMILY_BYTES, path.length);
      return call.apply(address.address(), (int) address.byteSize());
    }
  }

  private static byte[] bytes(String path) {
    return path.getBytes(StandardCharsets.UTF_8);
  }
}
