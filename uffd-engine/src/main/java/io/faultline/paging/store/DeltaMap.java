package io.faultline.paging.store;

import io.faultline.paging.PageStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Which pages a delta has, in memory and at the beginning of the delta:
 *
 * <pre>
 *   0         4096                            data offset
 *  +---------+-------------------------------+-----------
 *  | header  | a bit for each page, in longs | pages
 *  +---------+-------------------------------+-----------
 * </pre>
 *
 * <p>Bits are only ever set. Thread-safe.
 */
final class DeltaMap {
  private static final int PAGE_BYTES = StoreFile.PAGE_BYTES;
  private static final int LONGS_PER_MAP_PAGE = PAGE_BYTES / Long.BYTES;
  private static final long PAGES_PER_MAP_PAGE = 8L * PAGE_BYTES;

  /** The number of pages of the map that are read or written between two syncs. */
  private static final int BATCH = 64;

  private static final VarHandle BITS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final ValueLayout.OfLong LITTLE =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final PageStore delta;
  private final long dataOffset;
  private final long[] bits;

  /** 1 for a page of the map that is not in the delta as it is. */
  private final AtomicIntegerArray changed;

  // Confined to load() and sync()
  private final MemorySegment copies =
      Arena.ofAuto().allocate((long) BATCH * PAGE_BYTES, PAGE_BYTES);
  private final int[] copied = new int[BATCH];

  DeltaMap(PageStore delta, long sizeBytes) {
    this.delta = delta;
    this.dataOffset = dataOffset(sizeBytes);
    int mapPages = mapPages(sizeBytes);
    this.bits = new long[Math.multiplyExact(mapPages, LONGS_PER_MAP_PAGE)];
    this.changed = new AtomicIntegerArray(mapPages);
  }

  private static int mapPages(long sizeBytes) {
    long pages = roundUp(sizeBytes) / PAGE_BYTES;
    return Math.toIntExact((pages - 1) / PAGES_PER_MAP_PAGE + 1);
  }

  static long dataOffset(long sizeBytes) {
    return (1L + mapPages(sizeBytes)) * PAGE_BYTES;
  }

  static long roundUp(long bytes) {
    return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
  }

  /** Where the first page is in the delta. */
  long dataOffset() {
    return dataOffset;
  }

  /** Reads the bits from the delta. */
  synchronized void load() throws IOException {
    int mapPages = changed.length();
    for (int at = 0; at < mapPages; at += BATCH) {
      int count = Math.min(BATCH, mapPages - at);
      long length = (long) count * PAGE_BYTES;
      long got = delta.read(offset(at), copies, 0, length);
      if (got < length) {
        copies.asSlice(got, length - got).fill((byte) 0);
      }
      for (int i = 0; i < count * LONGS_PER_MAP_PAGE; i++) {
        bits[at * LONGS_PER_MAP_PAGE + i] = copies.getAtIndex(LITTLE, i);
      }
    }
  }

  private static long offset(int mapPage) {
    return (1L + mapPage) * PAGE_BYTES;
  }

  boolean contains(long page) {
    return ((long) BITS.getVolatile(bits, (int) (page >>> 6)) >>> page & 1) != 0;
  }

  /** Notes pages whose contents the delta has by now. */
  void add(long first, long end) {
    for (long page = first; page < end; ) {
      long last = Math.min(end, (page | 63) + 1) - 1; // of the same long
      long mask = -1L << page & -1L >>> ~last;
      int index = (int) (page >>> 6);
      if (((long) BITS.getVolatile(bits, index) & mask) != mask) {
        long ignored = (long) BITS.getAndBitwiseOr(bits, index, mask);
        changed.set(index / LONGS_PER_MAP_PAGE, 1); // after the bit: see copy()
      }
      page = last + 1;
    }
  }

  /** The number of pages. */
  long size() {
    long size = 0;
    for (int i = 0; i < bits.length; i++) {
      size += Long.bitCount((long) BITS.getVolatile(bits, i));
    }
    return size;
  }

  /** Makes the pages durable, then the bits that name them. */
  synchronized void sync() throws IOException {
    int next = 0;
    int count;
    do {
      count = 0;
      while (count < BATCH && next < changed.length()) {
        count += copy(next, count) ? 1 : 0;
        next++;
      }
      write(count);
    } while (next < changed.length());
    if (count > 0) {
      syncCopied(count);
    }
  }

  /** Copies a page of the map if it has changed: the pages that it names are written by now. */
  private boolean copy(int mapPage, int to) {
    if (changed.get(mapPage) == 0 || changed.getAndSet(mapPage, 0) == 0) {
      return false;
    }
    for (int i = 0; i < LONGS_PER_MAP_PAGE; i++) {
      long value = (long) BITS.getVolatile(bits, mapPage * LONGS_PER_MAP_PAGE + i);
      copies.setAtIndex(LITTLE, (long) to * LONGS_PER_MAP_PAGE + i, value);
    }
    copied[to] = mapPage;
    return true;
  }

  private void write(int count) throws IOException {
    boolean done = false;
    try {
      delta.sync();
      for (int i = 0; i < count; i++) {
        delta.write(offset(copied[i]), copies, (long) i * PAGE_BYTES, PAGE_BYTES);
      }
      done = true;
    } finally {
      if (!done) {
        mark(count);
      }
    }
  }

  private void syncCopied(int count) throws IOException {
    boolean done = false;
    try {
      delta.sync();
      done = true;
    } finally {
      if (!done) {
        mark(count);
      }
    }
  }

  private void mark(int count) {
    for (int i = 0; i < count; i++) {
      changed.set(copied[i], 1);
    }
  }
}
