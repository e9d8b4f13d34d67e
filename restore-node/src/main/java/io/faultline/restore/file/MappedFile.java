package io.faultline.restore.file;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A file that grows, mapped as a whole: what is written to its memory, also by a system call, is in
 * the file even if this process is killed at once. New bytes are zero.
 *
 * <p>Not thread-safe.
 */
public final class MappedFile implements AutoCloseable {
  private static final int CHUNK_BYTES = 64 << 10;

  private final String name;
  private final FileChannel channel;
  private Arena arena = Arena.ofShared();
  private MemorySegment memory = MemorySegment.NULL;

  private MappedFile(Path path, FileChannel channel) {
    name = String.valueOf(path.getFileName());
    this.channel = channel;
  }

  /**
   * Opens a file; creates it if it does not exist.
   *
   * @throws IOException if it cannot be written
   */
  public static MappedFile open(Path path) throws IOException {
    MappedFile file = new MappedFile(path, FileChannel.open(path, CREATE, READ, WRITE));
    file.grow();
    return file;
  }

  /** The name of the file. */
  public String name() {
    return name;
  }

  /** All of it, until it grows. */
  public MemorySegment memory() {
    return memory;
  }

  /**
   * Grows it to at least so many bytes.
   *
   * @throws UncheckedIOException if the disk is full
   */
  public void require(long bytes) {
    try {
      while (memory.byteSize() < bytes) {
        grow();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Space is allocated before it is needed: the kernel could not write to it otherwise. */
  private void grow() throws IOException {
    long before = memory.byteSize();
    long size = Math.max(channel.size(), before == 0 ? CHUNK_BYTES : 2 * before);
    for (long end = channel.size(); end < size; end += CHUNK_BYTES) {
      ByteBuffer zeros = ByteBuffer.allocate(CHUNK_BYTES);
      while (zeros.hasRemaining()) {
        int _ = channel.write(zeros, end + zeros.position());
      }
    }
    Arena next = Arena.ofShared();
    memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, size, next);
    arena.close();
    arena = next;
  }

  @Override
  public void close() {
    arena.close();
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
