package io.faultline.restore.firecracker;

import io.faultline.restore.file.MappedFile;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.linux.MessageMemory;
import java.lang.foreign.MemorySegment;

/**
 * The messages of the last read of a userfaultfd, in a mapped file to which the kernel writes them:
 * so a REMOVE that was read is known to the next handler, wherever this one was killed. Each read
 * overwrites the last one, which is in the {@link ZeroedPages} by then. Confined to one thread.
 */
final class LastEvents implements MessageMemory {
  private final MappedFile file;

  LastEvents(MappedFile file) {
    this.file = file;
    file.require((long) EventReader.EVENTS * MESSAGE_BYTES);
  }

  /** Receives a range of addresses. */
  interface Removed {
    void range(long start, long end);
  }

  /** Passes on the ranges that were removed, some of them maybe once more. */
  void replay(Removed removed) {
    MemorySegment memory = file.memory();
    for (long at = 0; MessageMemory.isMessage(memory, at); at += MESSAGE_BYTES) {
      EventBuffer message = new EventBuffer(1);
      MessageMemory.decode(memory, at, message);
      if (message.type(0) == EventType.REMOVE) {
        removed.range(message.rangeStart(0), message.rangeEnd(0));
      }
    }
  }

  @Override
  public MemorySegment reserve(long bytes) {
    return file.memory();
  }

  @Override
  public void added(EventBuffer events) {}

  @Override
  public MessageMemory forked(int descriptor) {
    throw new IllegalStateException("forks were not asked for");
  }
}
