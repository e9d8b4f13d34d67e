package io.faultline.uffd.linux.process;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct msghdr} with one {@code struct iovec} and control data that has room for
 * descriptors ({@code include/linux/socket.h}, {@code cmsg(3)}; 64-bit layouts).
 *
 * <pre>
 *   0       8           16    24        32        40            48           56
 *   +-------+-----------+-----+---------+---------+-------------+-------+----+
 *   | name  | name len  | iov | iov len | control | control len | flags |    |  msghdr
 *   +-------+-----------+-----+---------+---------+-------------+-------+----+
 *   56      64     72
 *   +-------+------+
 *   | base  | len  |                                                           iovec
 *   +-------+------+
 *   72      80          84       88
 *   +-------+-----------+--------+-----------------+
 *   | len   | level     | type   | descriptors ... |                           cmsghdr
 *   +-------+-----------+--------+-----------------+
 * </pre>
 */
final class SocketMessage {
  private static final int SCM_RIGHTS = 1;

  private static final long IOV = 16;
  private static final long IOV_LENGTH = 24;
  private static final long CONTROL = 32;
  private static final long CONTROL_LENGTH = 40;
  private static final long FLAGS = 48;
  private static final long IOVEC = 56;
  private static final long CONTROL_DATA = 72;
  private static final int HEADER = 16;
  private static final int LEVEL = 8;
  private static final int TYPE = 12;

  private final MemorySegment memory;

  /**
   * @param room the number of descriptors that fit
   */
  SocketMessage(Arena arena, long address, long bytes, int room) {
    long control = room == 0 ? 0 : aligned(HEADER + (long) room * Integer.BYTES);
    memory = arena.allocate(CONTROL_DATA + control, Long.BYTES);
    memory.set(JAVA_LONG, IOV, memory.address() + IOVEC);
    memory.set(JAVA_LONG, IOV_LENGTH, 1);
    memory.set(JAVA_LONG, IOVEC, address);
    memory.set(JAVA_LONG, IOVEC + Long.BYTES, bytes);
    memory.set(JAVA_LONG, CONTROL, room == 0 ? 0 : memory.address() + CONTROL_DATA);
    memory.set(JAVA_LONG, CONTROL_LENGTH, control);
  }

  long address() {
    return memory.address();
  }

  /** Puts descriptors to send into the control data, as many as there is room for. */
  void put(int[] descriptors) {
    if (descriptors.length > 0) {
      memory.set(JAVA_LONG, CONTROL_DATA, HEADER + (long) descriptors.length * Integer.BYTES);
      memory.set(JAVA_INT, CONTROL_DATA + LEVEL, SocketCalls.SOL_SOCKET);
      memory.set(JAVA_INT, CONTROL_DATA + TYPE, SCM_RIGHTS);
      for (int i = 0; i < descriptors.length; i++) {
        memory.set(JAVA_INT, CONTROL_DATA + HEADER + (long) i * Integer.BYTES, descriptors[i]);
      }
    }
  }

  /** Adds what the kernel wrote into the control data. */
  void takeInto(ReceivedDescriptors received) {
    long end = CONTROL_DATA + memory.get(JAVA_LONG, CONTROL_LENGTH);
    for (long at = CONTROL_DATA; at + HEADER <= end; ) {
      long length = memory.get(JAVA_LONG, at);
      if (length < HEADER || at + length > end) {
        break;
      }
      if (memory.get(JAVA_INT, at + LEVEL) == SocketCalls.SOL_SOCKET
          && memory.get(JAVA_INT, at + TYPE) == SCM_RIGHTS) {
        for (long each = at + HEADER; each + Integer.BYTES <= at + length; each += Integer.BYTES) {
          received.add(memory.get(JAVA_INT, each));
        }
      }
      at += aligned(length);
    }
    if ((memory.get(JAVA_INT, FLAGS) & SocketCalls.MSG_CTRUNC) != 0) {
      received.markTruncated();
    }
  }

  private static long aligned(long bytes) {
    return (bytes + Long.BYTES - 1) & -Long.BYTES;
  }
}
