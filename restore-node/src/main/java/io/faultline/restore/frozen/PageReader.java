package io.faultline.restore.frozen;

import io.faultline.proto.runs.RunBuffer;
import io.faultline.uffd.linux.process.ProcessMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages of frozen processes, many fragments in one system call. What was read counts only if
 * the process was frozen after that; it was before, so it was all the time. Confined to one loop.
 */
final class PageReader implements AutoCloseable {
  static final int PAGE_BYTES = 4096;

  /** The most pages of one read. */
  static final int MAX_PAGES = 256;

  private static final int STAT_BYTES = 512;

  private final FrozenTree tree;
  private final @Nullable ProcessMemory[] memories;
  private final @Nullable FileChannel[] stats;
  private final RunBuffer buffer = new RunBuffer((long) MAX_PAGES * PAGE_BYTES);
  private final ByteBuffer stat = ByteBuffer.allocateDirect(STAT_BYTES);
  private final byte[] text = new byte[STAT_BYTES];
  private final long[] addresses = new long[MAX_PAGES];
  private final long[] lengths = new long[MAX_PAGES];
  private final long[] firstPages = new long[MAX_PAGES];
  private final int[] counts = new int[MAX_PAGES];
  private int fragments;
  private int pages;
  private boolean closed;

  PageReader(FrozenTree tree) {
    this.tree = tree;
    memories = new ProcessMemory[tree.tasks().size()];
    stats = new FileChannel[memories.length];
  }

  /** Starts a new read. */
  void clear() {
    fragments = 0;
    pages = 0;
  }

  /** How many pages can be added. */
  int room() {
    return MAX_PAGES - pages;
  }

  int fragments() {
    return fragments;
  }

  /** The first page of a fragment. */
  long firstPage(int fragment) {
    return firstPages[fragment];
  }

  /** The number of pages of a fragment. */
  int count(int fragment) {
    return counts[fragment];
  }

  /** The number of pages of all fragments. */
  int pages() {
    return pages;
  }

  /** The page at a position in the sequence of all fragments. */
  long pageAt(int position) {
    int start = 0;
    for (int i = 0; i < fragments; i++) {
      if (position < start + counts[i]) {
        return firstPage(i) + (position - start);
      }
      start += counts[i];
    }
    throw new IndexOutOfBoundsException(position);
  }

  /** The address of the contents of the page at a position, once it was read. */
  long data(int position) {
    return buffer.address() + (long) position * PAGE_BYTES;
  }

  /** Adds a fragment. */
  void add(long firstPage, int count) {
    firstPages[fragments] = firstPage;
    counts[fragments] = count;
    fragments++;
    pages += count;
  }

  /**
   * Reads pages of the fragments.
   *
   * @param from the position of the first of them in the sequence of all
   * @return the pages read: if fewer than there are, the next one is not there
   * @throws ThawedException if the process is not frozen any more
   */
  int read(FrozenTask task, int from) throws ThawedException {
    int ranges = 0;
    int start = 0;
    for (int i = 0; i < fragments; i++) {
      int skipped = Math.max(0, from - start);
      if (skipped < counts[i]) {
        addresses[ranges] = (firstPages[i] + skipped) * PAGE_BYTES;
        lengths[ranges] = (long) (counts[i] - skipped) * PAGE_BYTES;
        ranges++;
      }
      start += counts[i];
    }
    long bytes = memory(task).read(addresses, lengths, ranges, data(from));
    if (bytes == ProcessMemory.GONE || !isStopped(task)) {
      throw new ThawedException(task);
    }
    return (int) (bytes / PAGE_BYTES);
  }

  private ProcessMemory memory(FrozenTask task) throws ThawedException {
    if (closed) { // a last request of a connection that is about to be closed
      throw new ThawedException(task);
    }
    ProcessMemory known = memories[task.index()];
    if (known == null) {
      known = ProcessMemory.open(task.process());
      if (known == null) {
        throw new ThawedException(task);
      }
      memories[task.index()] = known;
    }
    return known;
  }

  private boolean isStopped(FrozenTask task) {
    try {
      FileChannel file = stats[task.index()];
      if (file == null) {
        Path path = Path.of("/proc/" + task.process().pid() + "/stat");
        file = FileChannel.open(path, StandardOpenOption.READ);
        stats[task.index()] = file;
      }
      int bytes = file.read(stat.clear(), 0);
      if (bytes <= 0) {
        return false;
      }
      stat.flip().get(text, 0, bytes);
      return tree.check().isStopped(new String(text, 0, bytes, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return false; // ESRCH
    }
  }

  @Override
  public void close() {
    closed = true;
    for (int i = 0; i < memories.length; i++) {
      ProcessMemory memory = memories[i];
      if (memory != null) {
        memory.close();
      }
      FileChannel file = stats[i];
      if (file != null) {
        try {
          file.close();
        } catch (IOException e) {
          // nothing was written
        }
      }
    }
    buffer.close();
  }

  /** The processes that it reads. */
  FrozenTree tree() {
    return tree;
  }

  /** A process runs, or has ended: what was read of it is of no use. */
  static final class ThawedException extends Exception {
    private static final long serialVersionUID = 1L;

    ThawedException(FrozenTask task) {
      super("process " + task.process().pid() + " is not frozen any more: the dump has ended");
    }
  }
}
