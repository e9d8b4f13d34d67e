package io.faultline.source.journal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The word of a journal's file that says that RUN may have been sent. It is mapped, so that the
 * commit is one store while the VM waits for it: to replace the file takes a file system from some
 * tens of microseconds to some milliseconds. The store is in the file even if this process is
 * killed with the next instruction, since the kernel keeps the page cache.
 *
 * <p>Confined to one thread at a time.
 */
final class CommitMark {
  /** The value before the commit. */
  static final int OPEN = 0;

  /** The value after the commit: "RUN!". Any other one is damage. */
  static final int COMMITTED = 0x5255_4e21;

  private static final VarHandle WORD =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN).varHandle();

  private final MemorySegment header;

  private CommitMark(MemorySegment header) {
    this.header = header;
  }

  /**
   * Maps the word of a file that was written before.
   *
   * @param arena that the mapping lives in, and with it the space that a replaced file takes
   * @throws IOException if the file system maps no files
   */
  static CommitMark open(Path file, Arena arena) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment header =
          channel.map(FileChannel.MapMode.READ_WRITE, 0, JournalFile.HEADER_BYTES, arena);
      CommitMark mark = new CommitMark(header);
      mark.set(OPEN); // the page fault is now, and not in the commit
      return mark;
    }
  }

  /** The commit. */
  void commit() {
    set(COMMITTED);
  }

  private void set(int value) {
    WORD.setVolatile(header, JournalFile.COMMIT_AT, value);
  }
}
