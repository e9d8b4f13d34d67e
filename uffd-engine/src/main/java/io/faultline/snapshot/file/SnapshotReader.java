package io.faultline.snapshot.file;

import io.faultline.paging.store.BlockCodec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads data of a snapshot, and checks it. What has a checksum are chunks of 64 KiB: those that are
 * wanted whole are read to where they are wanted, others into a buffer, which keeps the last few:
 * the pages of one chunk are often wanted one after the other. Confined to one thread; each thread
 * has its own.
 */
public final class SnapshotReader implements AutoCloseable {
  /** The largest range of {@link #read(long, long)}. */
  public static final int MAX_BYTES = 1 << 20;

  private static final int CHUNK = DataChecksums.CHUNK_BYTES;
  private static final int ALIGNMENT = 4096;

  /** Chunks that are kept. */
  private static final int KEPT = 16;

  private static final long NONE = -1;

  private final SnapshotFile file;
  private final @Nullable BlockCodec codec;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment kept = arena.allocate((long) KEPT * CHUNK, ALIGNMENT);

  /** The chunk in each slot of {@link #kept}, which is that of its number modulo {@link #KEPT}. */
  private final long[] keptChunks = new long[KEPT];

  /** A chunk as it is stored. */
  private final MemorySegment compressed = arena.allocate(CHUNK, ALIGNMENT);

  private final MemorySegment buffer = arena.allocate(MAX_BYTES, ALIGNMENT);

  /**
   * Of a file that is not compressed.
   *
   * @param file stays open longer
   */
  public SnapshotReader(SnapshotFile file) {
    this(file, SnapshotCodecs.NONE);
  }

  /**
   * @param file stays open longer
   * @param codecs where the codec of a compressed file comes from
   * @throws SnapshotException if there is none
   */
  public SnapshotReader(SnapshotFile file, SnapshotCodecs codecs) {
    this.file = file;
    this.codec = file.encoding() == DataEncoding.PLAIN ? null : codecs.open(file.encoding());
    Arrays.fill(keptChunks, NONE);
  }

  /**
   * Reads data.
   *
   * @param fileOffset within the data of the file, as {@link PageRuns#fileOffset} says
   * @param lengthBytes 1 to {@link #MAX_BYTES}, up to the end of the data
   * @return the bytes, in memory whose address is a multiple of 4096; until the next call
   * @throws SnapshotException if they are not what was written
   */
  public MemorySegment read(long fileOffset, long lengthBytes) throws IOException {
    if (lengthBytes > MAX_BYTES) {
      throw outside(fileOffset, lengthBytes);
    }
    MemorySegment to = buffer.asSlice(0, lengthBytes);
    read(fileOffset, to);
    return to;
  }

  /**
   * Reads data.
   *
   * @param fileOffset within the data of the file, as {@link PageRuns#fileOffset} says
   * @param to native memory, filled with the data from there on; after an error with anything
   * @throws SnapshotException if it is not what was written
   */
  public void read(long fileOffset, MemorySegment to) throws IOException {
    long start = fileOffset - file.dataOffset();
    long end = start + to.byteSize();
    if (start < 0 || end <= start || end > file.dataBytes()) {
      throw outside(fileOffset, to.byteSize());
    }
    long at = start;
    while (at < end) {
      long whole = wholeChunks(at, end);
      if (whole > 0) {
        readWhole(at, to.asSlice(at - start, whole));
        at += whole;
      } else {
        long inChunk = at % CHUNK;
        long part = Math.min(CHUNK - inChunk, end - at);
        MemorySegment.copy(chunk(at / CHUNK), inChunk, to, at - start, part);
        at += part;
      }
    }
  }

  private IllegalArgumentException outside(long fileOffset, long lengthBytes) {
    return new IllegalArgumentException(
        "read of " + lengthBytes + " bytes at " + fileOffset + " of " + file.path());
  }

  /** The bytes from a place on that are whole chunks; the last chunk of the data may be shorter. */
  private long wholeChunks(long at, long end) {
    if (at % CHUNK != 0) {
      return 0;
    }
    return end == file.dataBytes() ? end - at : (end - at) / CHUNK * CHUNK;
  }

  private void readWhole(long at, MemorySegment to) throws IOException {
    if (codec == null) {
      file.readFully(file.dataOffset() + at, to);
    } else {
      decompressWhole(codec, at, to);
    }
    for (long done = 0; done < to.byteSize(); done += CHUNK) {
      check((at + done) / CHUNK, to.asSlice(done, Math.min(CHUNK, to.byteSize() - done)));
    }
  }

  private void decompressWhole(BlockCodec from, long at, MemorySegment to) throws IOException {
    for (long done = 0; done < to.byteSize(); done += CHUNK) {
      long bytes = Math.min(CHUNK, to.byteSize() - done);
      decompress(from, (at + done) / CHUNK, to.asSlice(done, bytes));
    }
  }

  private void decompress(BlockCodec from, long chunk, MemorySegment to) throws IOException {
    int stored = file.storedSize(chunk);
    long offset = file.storedStart(file.dataOffset() + chunk * CHUNK);
    if (stored == to.byteSize()) {
      file.readFully(offset, to);
      return;
    }
    MemorySegment bytes = compressed.asSlice(0, stored);
    file.readFully(offset, bytes);
    try {
      int expected = (int) to.byteSize();
      from.decompress(bytes.asByteBuffer(), stored, to.asByteBuffer(), expected);
    } catch (IOException e) {
      throw SnapshotException.damaged(
          file.path(), "the data at offset " + offset + " is " + e.getMessage());
    }
  }

  private MemorySegment chunk(long chunk) throws IOException {
    int slot = (int) (chunk % KEPT);
    long bytes = Math.min(CHUNK, file.dataBytes() - chunk * CHUNK);
    MemorySegment to = kept.asSlice((long) slot * CHUNK, bytes);
    if (keptChunks[slot] != chunk) {
      keptChunks[slot] = NONE;
      readWhole(chunk * CHUNK, to);
      keptChunks[slot] = chunk;
    }
    return to;
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
    if (codec != null) {
      codec.close();
    }
    arena.close();
  }
}
