package io.faultline.snapshot.file;

import io.faultline.paging.store.BlockCodec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Data in chunks of 64 KiB, each compressed for itself, one after the other in the file. A chunk
 * that does not become smaller is stored as it is.
 */
final class CompressedData implements DataSection {
  private static final int CHUNK = DataChecksums.CHUNK_BYTES;

  /** Of a write to the file; a multiple of the alignment that passes the page cache. */
  private static final int WRITE_BYTES = 1 << 20;

  private static final int ALIGNMENT = 4096;

  private final FreshFile file;
  private final long offset;
  private final BlockCodec codec;
  private final Arena arena = Arena.ofShared();

  /** Data that is no whole chunk yet. */
  private final MemorySegment open = arena.allocate(CHUNK, ALIGNMENT);

  private final MemorySegment compressed;

  /** Chunks that wait to be written. */
  private final MemorySegment out = arena.allocate(WRITE_BYTES + CHUNK, ALIGNMENT);

  private int openBytes;
  private int outBytes;
  private long written;
  private int[] sizes = new int[1024];
  private int count;

  /**
   * @param offset of the first data in the file
   * @param codec becomes this object's
   */
  CompressedData(FreshFile file, long offset, BlockCodec codec) {
    this.file = file;
    this.offset = offset;
    this.codec = codec;
    this.compressed = arena.allocate(codec.bound(CHUNK), ALIGNMENT);
  }

  @Override
  public void append(MemorySegment data) throws IOException {
    long done = 0;
    while (done < data.byteSize()) {
      int part = (int) Math.min(CHUNK - openBytes, data.byteSize() - done);
      if (part == CHUNK) {
        store(data.asSlice(done, CHUNK));
      } else {
        MemorySegment.copy(data, done, open, openBytes, part);
        openBytes += part;
        if (openBytes == CHUNK) {
          storeOpen();
        }
      }
      done += part;
    }
  }

  private void storeOpen() throws IOException {
    store(open.asSlice(0, openBytes));
    openBytes = 0;
  }

  private void store(MemorySegment chunk) throws IOException {
    int bytes = (int) chunk.byteSize();
    int size = codec.compress(chunk.asByteBuffer(), bytes, compressed.asByteBuffer());
    MemorySegment from = size < bytes ? compressed : chunk;
    int stored = Math.min(size, bytes);
    MemorySegment.copy(from, 0, out, outBytes, stored);
    outBytes += stored;
    if (count == sizes.length) {
      sizes = Arrays.copyOf(sizes, 2 * count);
    }
    sizes[count++] = stored;
    if (outBytes >= WRITE_BYTES) {
      write(WRITE_BYTES);
    }
  }

  private void write(int bytes) throws IOException {
    file.write(offset + written, out.address(), bytes);
    written += bytes;
    outBytes -= bytes;
    MemorySegment.copy(out, bytes, out, 0, outBytes);
  }

  @Override
  public void finish() throws IOException {
    if (openBytes > 0) {
      storeOpen();
    }
    if (outBytes > 0) {
      write(outBytes);
    }
  }

  @Override
  public long storedBytes() {
    return written + outBytes;
  }

  @Override
  public int[] storedSizes() {
    return Arrays.copyOf(sizes, count);
  }

  @Override
  public void close() {
    codec.close();
    arena.close();
  }
}
