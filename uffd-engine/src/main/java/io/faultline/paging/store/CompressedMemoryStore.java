package io.faultline.paging.store;

import io.faultline.paging.PageStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Compressed pages in native memory, for data that need not outlive the process: {@link #sync} does
 * nothing. A page of zeros costs nothing; a page that cannot be compressed is kept as it is. The
 * memory has a hard limit, which includes eight bytes for each page of the store.
 *
 * <p>Thread-safe, except {@link #close}. Allocates no objects for a transfer.
 */
public final class CompressedMemoryStore implements PageStore, AutoCloseable {
  static final int PAGE_BYTES = 4096;

  private static final long ZERO = 0;
  private static final int LENGTH_BITS = 13;
  private static final MemorySegment ZEROS = Arena.global().allocate(PAGE_BYTES, Long.BYTES);

  private final Arena arena = Arena.ofShared();
  private final long sizeBytes;
  private final long limitBytes;
  private final SlabMemory memory;

  /** For each page the offset of its block, and the length of that; {@link #ZERO} for zeros. */
  private final AtomicLongArray blocks;

  private final List<PageCompressor> compressors = new ArrayList<>();
  private final ArrayBlockingQueue<PageCompressor> idle;
  private final LongAdder pages = new LongAdder();
  private final LongAdder compressedBytes = new LongAdder();

  /**
   * Creates a store of zeros.
   *
   * @param sizeBytes of the store, positive, less than 8 TiB
   * @param limitBytes of memory
   * @param codecs makes codecs: one for each thread that transfers at the same time, twice as many
   *     as CPUs
   * @throws IllegalArgumentException if a size is impossible, or the limit leaves no room for pages
   */
  public CompressedMemoryStore(long sizeBytes, long limitBytes, Supplier<BlockCodec> codecs) {
    long count = (sizeBytes + PAGE_BYTES - 1) / PAGE_BYTES;
    if (sizeBytes <= 0 || count > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "compressed memory of " + sizeBytes + " bytes: must be positive, and less than 8 TiB");
    }
    long tableBytes = count * Long.BYTES;
    long slabs = (limitBytes - tableBytes) / SlabMemory.SLAB_BYTES;
    if (slabs < 1 || slabs > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a limit of "
              + limitBytes
              + " bytes for "
              + sizeBytes
              + ": must be at least "
              + (tableBytes + SlabMemory.SLAB_BYTES));
    }
    this.sizeBytes = sizeBytes;
    this.limitBytes = limitBytes;
    this.memory = new SlabMemory(arena, (int) slabs);
    this.blocks = new AtomicLongArray((int) count);
    int threads = 2 * Runtime.getRuntime().availableProcessors();
    this.idle = new ArrayBlockingQueue<>(threads);
    for (int i = 0; i < threads; i++) {
      compressors.add(new PageCompressor(arena, codecs.get()));
    }
    idle.addAll(compressors);
  }

  @Override
  public long read(long offset, MemorySegment to, long toOffset, long lengthBytes)
      throws IOException {
    long length = Math.clamp(sizeBytes - offset, 0, lengthBytes);
    PageCompressor compressor = take();
    try {
      for (long done = 0; done < length; done += PAGE_BYTES) {
        long part = Math.min(PAGE_BYTES, length - done);
        load(index(offset + done), compressor);
        MemorySegment.copy(compressor.page, 0, to, toOffset + done, part);
      }
    } finally {
      idle.add(compressor);
    }
    return length;
  }

  private static int index(long offset) {
    return (int) (offset / PAGE_BYTES);
  }

  private void load(int page, PageCompressor compressor) throws IOException {
    long block = blocks.get(page);
    if (block == ZERO) {
      compressor.page.fill((byte) 0);
      return;
    }
    long at = block >>> LENGTH_BITS;
    try {
      compressor.load(memory.slab(at), SlabMemory.place(at), length(block));
    } catch (IOException e) {
      throw new IOException("page " + page + " of " + this + " is damaged: " + e.getMessage(), e);
    }
  }

  private static int length(long block) {
    return (int) (block & ((1 << LENGTH_BITS) - 1));
  }

  /**
   * @throws IOException if the memory is full: what it had before is still there
   */
  @Override
  public void write(long offset, MemorySegment from, long fromOffset, long lengthBytes)
      throws IOException {
    Objects.checkFromIndexSize(offset, lengthBytes, sizeBytes);
    PageCompressor compressor = take();
    try {
      for (long done = 0; done < lengthBytes; done += PAGE_BYTES) {
        int page = index(offset + done);
        long part = Math.min(PAGE_BYTES, lengthBytes - done);
        if (part < PAGE_BYTES) {
          load(page, compressor);
        }
        MemorySegment.copy(from, fromOffset + done, compressor.page, 0, part);
        store(page, compressor);
      }
    } finally {
      idle.add(compressor);
    }
  }

  private void store(int page, PageCompressor compressor) throws IOException {
    long before = blocks.get(page);
    if (compressor.page.mismatch(ZEROS) < 0) {
      replace(page, before, ZERO);
      return;
    }
    int length = compressor.compress();
    long old = before >>> LENGTH_BITS;
    boolean inPlace = before != ZERO && memory.suits(old, length);
    long at = inPlace ? old : memory.allocate(length);
    if (at == SlabMemory.FULL) {
      throw full();
    }
    compressor.store(memory.slab(at), SlabMemory.place(at), length);
    replace(page, before, at << LENGTH_BITS | length);
  }

  private void replace(int page, long before, long block) {
    blocks.set(page, block);
    count(before, -1);
    count(block, 1);
    boolean inPlace = block != ZERO && before >>> LENGTH_BITS == block >>> LENGTH_BITS;
    if (before != ZERO && !inPlace) {
      memory.free(before >>> LENGTH_BITS);
    }
  }

  private void count(long block, int by) {
    if (block != ZERO) {
      pages.add(by);
      compressedBytes.add((long) by * length(block));
    }
  }

  private IOException full() {
    CompressedMemoryStats stats = stats();
    return new IOException(
        String.format(
            Locale.ROOT,
            "%s is full: %d pages, compressed by %.2f, take %d of %d bytes: raise the limit,"
                + " or discard pages",
            this,
            stats.pages(),
            stats.ratio(),
            stats.usedBytes(),
            limitBytes));
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    Objects.checkFromIndexSize(offset, lengthBytes, sizeBytes);
    long whole = lengthBytes / PAGE_BYTES * PAGE_BYTES;
    for (long done = 0; done < whole; done += PAGE_BYTES) {
      int page = index(offset + done);
      replace(page, blocks.get(page), ZERO);
    }
    if (whole < lengthBytes) {
      write(offset + whole, ZEROS, 0, lengthBytes - whole);
    }
  }

  /** Does nothing: the memory is gone when the process ends. */
  @Override
  public void sync() {}

  /** Takes a codec, and waits until one is free. */
  private PageCompressor take() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return idle.take();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** What it holds now. */
  public CompressedMemoryStats stats() {
    long used = memory.usedBytes() + (long) blocks.length() * Long.BYTES;
    return new CompressedMemoryStats(pages.sum(), compressedBytes.sum(), used, limitBytes);
  }

  @Override
  public int alignment() {
    return 1;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  /** Frees the memory. No region may use it any more. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      compressors.forEach(PageCompressor::close);
      arena.close();
    }
  }

  @Override
  public String toString() {
    return "compressed memory of " + sizeBytes + " bytes";
  }
}
