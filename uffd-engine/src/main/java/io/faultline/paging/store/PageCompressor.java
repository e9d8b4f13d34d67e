package io.faultline.paging.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** A codec with the buffers that it needs. Confined to one thread at a time. */
final class PageCompressor implements AutoCloseable {
  private static final int PAGE_BYTES = CompressedMemoryStore.PAGE_BYTES;

  /** Longer results save no block: the page is kept as it is. */
  private static final int MOST_COMPRESSED = PAGE_BYTES - SlabMemory.GRAIN;

  /** A page, to be compressed or decompressed. */
  final MemorySegment page;

  private final BlockCodec codec;
  private final MemorySegment compressed;
  private final ByteBuffer pageBuffer;
  private final ByteBuffer compressedBuffer;

  PageCompressor(Arena arena, BlockCodec codec) {
    this.codec = codec;
    page = arena.allocate(PAGE_BYTES, Long.BYTES);
    compressed = arena.allocate(Math.max(PAGE_BYTES, codec.bound(PAGE_BYTES)), Long.BYTES);
    pageBuffer = page.asByteBuffer();
    compressedBuffer = compressed.asByteBuffer();
  }

  /** Compresses the page; returns the length, that of a page if it cannot be compressed. */
  int compress() {
    int length = codec.compress(pageBuffer, PAGE_BYTES, compressedBuffer);
    return length > MOST_COMPRESSED ? PAGE_BYTES : length;
  }

  /** Copies the result of {@link #compress} to a block. */
  void store(MemorySegment slab, long place, int length) {
    MemorySegment result = length == PAGE_BYTES ? page : compressed;
    MemorySegment.copy(result, 0, slab, place, length);
  }

  /** Makes {@link #page} that of a block. */
  void load(MemorySegment slab, long place, int length) throws IOException {
    if (length == PAGE_BYTES) {
      MemorySegment.copy(slab, place, page, 0, PAGE_BYTES);
    } else {
      MemorySegment.copy(slab, place, compressed, 0, length);
      codec.decompress(compressedBuffer, length, pageBuffer, PAGE_BYTES);
    }
  }

  @Override
  public void close() {
    codec.close();
  }
}
