package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * {@code struct uffd_msg}, packed, 32 bytes.
 *
 * <pre>
 *            0       1          8         16         24      28      32
 *            +-------+----------+---------+----------+-------+-------+
 *  fault     | event | reserved | flags   | address  | tid   |       |
 *  fork      | event | reserved | ufd u32 |          |       |       |
 *  remap     | event | reserved | from    | to       | len           |
 *  remove,   | event | reserved | start   | end      |               |
 *  unmap     +-------+----------+---------+----------+---------------+
 * </pre>
 */
final class UffdMsg {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_BYTE.withName("event"),
          MemoryLayout.paddingLayout(7),
          JAVA_LONG.withName("word1"),
          JAVA_LONG.withName("word2"),
          JAVA_LONG.withName("word3"));
  static final long SIZE = LAYOUT.byteSize();

  private static final long EVENT = Layouts.offset(LAYOUT, "event");
  private static final long WORD1 = Layouts.offset(LAYOUT, "word1");
  private static final long WORD2 = Layouts.offset(LAYOUT, "word2");
  private static final long WORD3 = Layouts.offset(LAYOUT, "word3");

  static {
    Layouts.check(SIZE == 32, "uffd_msg has " + SIZE + " bytes");
    Layouts.check(WORD1 == 8 && WORD2 == 16 && WORD3 == 24, "uffd_msg has a wrong layout");
  }

  private UffdMsg() {}

  /** The code of the event at an offset. */
  static int code(MemorySegment messages, long offset) {
    return Byte.toUnsignedInt(messages.get(JAVA_BYTE, offset + EVENT));
  }

  /** Adds the message at an offset to a buffer. */
  static void decode(MemorySegment messages, long offset, EventBuffer into) {
    EventType type = EventType.ofCode(code(messages, offset));
    long word1 = messages.get(JAVA_LONG, offset + WORD1);
    long word2 = messages.get(JAVA_LONG, offset + WORD2);
    switch (type) {
      case PAGE_FAULT -> into.add(type, word2, word1, messages.get(JAVA_INT, offset + WORD3));
      case FORK -> into.add(type, messages.get(JAVA_INT, offset + WORD1), 0, 0);
      case REMAP -> into.add(type, word1, word2, messages.get(JAVA_LONG, offset + WORD3));
      case REMOVE, UNMAP -> into.add(type, word1, word2, 0);
    }
  }
}
