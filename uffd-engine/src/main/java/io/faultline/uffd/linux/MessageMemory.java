package io.faultline.uffd.linux;

import io.faultline.uffd.EventBuffer;
import java.lang.foreign.MemorySegment;

/**
 * Memory to which the kernel writes the messages of a userfaultfd. If it is that of a mapped file,
 * messages that were read outlive this process, wherever it is killed.
 *
 * <p>One thread at a time reads a userfaultfd that has such memory.
 */
public interface MessageMemory {
  /** The size of a message, {@code struct uffd_msg}. */
  int MESSAGE_BYTES = (int) UffdMsg.SIZE;

  /** Where the next messages are written: native memory of at least so many bytes. */
  MemorySegment reserve(long bytes);

  /** These messages were written where {@link #reserve} said, from the first byte on. */
  void added(EventBuffer events);

  /** The memory for the userfaultfd of a forked child, whose descriptor was just read. */
  MessageMemory forked(int descriptor);

  /** Whether a message is at an offset of memory that was zero before. */
  static boolean isMessage(MemorySegment memory, long offset) {
    return offset + MESSAGE_BYTES <= memory.byteSize() && UffdMsg.code(memory, offset) != 0;
  }

  /** Adds the message at an offset to a buffer. */
  static void decode(MemorySegment memory, long offset, EventBuffer into) {
    UffdMsg.decode(memory, offset, into);
  }
}
