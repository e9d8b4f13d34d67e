package io.faultline.uffd.linux.process;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.faultline.uffd.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Two connections that are the ends of one, without an address (socketpair(2)): one of them for
 * another process, to which its descriptor is sent.
 */
public record DescriptorPair(DescriptorConnection one, DescriptorConnection other) {
  /**
   * Opens both.
   *
   * @throws SystemCallException EMFILE, ENFILE
   */
  public static DescriptorPair open() {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment ends = scratch.allocate(JAVA_INT, 2);
      int made = SocketCalls.socketPair(ends.address());
      if (made < 0) {
        throw new SystemCallException("socketpair(AF_UNIX)", -made);
      }
      return new DescriptorPair(
          new DescriptorConnection(ends.getAtIndex(JAVA_INT, 0)),
          new DescriptorConnection(ends.getAtIndex(JAVA_INT, 1)));
    }
  }

  /** Closes both. */
  public void close() {
    one.close();
    other.close();
  }
}
