package io.faultline.snapshot.file;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Reads data of a snapshot into a buffer of its own, and checks it: whole 64 KiB, since each has
 * one checksum. Confined to one thread; each thread has its own.
 */
public final class SnapshotReader implements AutoCloseable {
  /** The largest range of one {@link #read}. */
  public static final int MAX_BYTES = 1 << 20;

  private static final int CHUNK = DataChecksums.CHUNK_BYTES;
  private static final int ALIGNMENT = 4096;

  private final SnapshotFile file;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(MAX_BYTES + 2L * CHUNK, ALIGNMENT);

  /**
   * @param file stays open longer
   */
  public SnapshotReader(SnapshotFile file) {
    this.file = file;
  }

  /**
   * Reads data.
   *
   * @param fileOffset within the data of the file, as {@link PageRuns#fileOffset} says
   * @param lengthBytes 1 to {@link #MAX_BYTES}, up to the end of the data
   * @return the bytes, in memory whose address is a multiple of 4096 if the offset is; until the
   *     next call
   * @throws SnapshotException if they are not what was written
   */
  public MemorySegment read(long fileOffset, long lengthBytes) throws IOException {
    long start = fileOffset - file.dataOffset();
    if (start < 0
        || lengthBytes < 1
        || lengthBytes > MAX_BYTES
        || lengthBytes > file.dataBytes() - start) {
      throw new IllegalArgumentException(
          "read of " + lengthBytes + " bytes at " + fileOffset + " of " + file.path());
    }
    long first = start / CHUNK;
    long end = Math.min(file.dataBytes(), (start + lengthBytes + CHUNK - 1) / CHUNK * CHUNK);
    MemorySegment chunks = buffer.asSlice(0, end - first * CHUNK);
    file.readFully(file.dataOffset() + first * CHUNK, chunks);
    for (long at = 0; at < chunks.byteSize(); at += CHUNK) {
      check(first + at / CHUNK, chunks.asSlice(at, Math.min(CHUNK, chunks.byteSize() - at)));
    }
    return chunks.asSlice(start - first * CHUNK, lengthBytes);
  }

  private void check(long chunk, MemorySegment data) {
    if (Checksum.of(data) != file.checksum(chunk)) {
      long offset = file.dataOffset() + chunk * CHUNK;
      throw SnapshotException.damaged(
          file.path(), "the checksum of the data at offset " + offset + " is wrong");
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
