package io.faultline.restore.firecracker;

import static java.nio.file.StandardOpenOption.READ;

import io.faultline.uffd.linux.FileHoles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * The memory file of a snapshot, mapped, so that a fill copies straight from the page cache.
 *
 * <p>Only the kernel reads the mapping (UFFDIO_COPY): if the file is shorter by then, that call
 * returns EFAULT, where an access of this process would end it with SIGBUS.
 *
 * <p>Thread-safe; one for all guests of a snapshot.
 */
final class MemoryFile implements AutoCloseable {
  /** The unit in which pages of the file are counted, whatever the guest's page size. */
  static final long PAGE_BYTES = 4096;

  private final Path path;
  private final FileChannel channel;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;

  private MemoryFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
  }

  /**
   * Opens a file.
   *
   * @throws IOException if it cannot be read
   */
  static MemoryFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, READ);
    try {
      return new MemoryFile(path, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  Path path() {
    return path;
  }

  /** Its length when it was opened. */
  long lengthBytes() {
    return memory.byteSize();
  }

  /** The native address of a page, for the kernel to read. */
  long address(long page) {
    return memory.address() + page * PAGE_BYTES;
  }

  /** Whether the file has become shorter since it was opened. */
  boolean isShorter() {
    try {
      return channel.size() < lengthBytes();
    } catch (IOException e) {
      return true;
    }
  }

  /** Adds the pages that are holes of the file: they read as zeros, and need no memory. */
  void addHoles(ZeroedPages zeroed) {
    long length = lengthBytes();
    try (FileHoles holes = FileHoles.open(path)) {
      long hole = holes.nextHole(0);
      while (hole < length) {
        long data = Math.min(length, holes.nextData(hole));
        zeroed.add((hole + PAGE_BYTES - 1) / PAGE_BYTES, data / PAGE_BYTES);
        hole = data < length ? holes.nextHole(data) : length;
      }
    }
  }

  @Override
  public void close() throws IOException {
    arena.close();
    channel.close();
  }
}
