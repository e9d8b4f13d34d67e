package io.faultline.paging.store;

import io.faultline.paging.PageStore;
import io.faultline.paging.PagingException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/**
 * The first page of a delta, little-endian:
 *
 * <pre>
 *   0        8            16           24
 *  +--------+------------+------------+--------+
 *  | magic  | size of    | size of    | CRC-32 |
 *  |        | the store  | the base   | of 0   |
 *  +--------+------------+------------+--------+
 * </pre>
 */
record DeltaHeader(long sizeBytes, long baseBytes) {
  private static final int PAGE_BYTES = StoreFile.PAGE_BYTES;

  /** "FLdelta1". */
  private static final long MAGIC = 0x3161746c65644c46L;

  private static final int CHECKED_BYTES = 24;
  private static final ValueLayout.OfLong LITTLE =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * Reads the header of a delta.
   *
   * @return false if it is empty: all zeros
   * @throws PagingException if it is that of another store, or none
   */
  boolean isIn(PageStore delta) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(PAGE_BYTES, PAGE_BYTES);
      long got = delta.read(0, page, 0, PAGE_BYTES);
      page.asSlice(Math.clamp(got, 0, PAGE_BYTES)).fill((byte) 0);
      if (isZero(page)) {
        return false;
      }
      if (page.getAtIndex(LITTLE, 0) != MAGIC || page.getAtIndex(LITTLE, 3) != checksum(page)) {
        throw new PagingException(
            delta + " is no delta, or damaged: name an empty file, or the delta of this base");
      }
      DeltaHeader found = new DeltaHeader(page.getAtIndex(LITTLE, 1), page.getAtIndex(LITTLE, 2));
      if (!found.equals(this)) {
        throw new PagingException(
            delta + " is a delta of " + found + ", not of " + this + ": open it with its own base");
      }
      return true;
    }
  }

  private static boolean isZero(MemorySegment page) {
    for (int i = 0; i < PAGE_BYTES / Long.BYTES; i++) {
      if (page.getAtIndex(LITTLE, i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Writes the header, and makes it durable. */
  void write(PageStore delta) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(PAGE_BYTES, PAGE_BYTES);
      page.setAtIndex(LITTLE, 0, MAGIC);
      page.setAtIndex(LITTLE, 1, sizeBytes);
      page.setAtIndex(LITTLE, 2, baseBytes);
      page.setAtIndex(LITTLE, 3, checksum(page));
      delta.write(0, page, 0, PAGE_BYTES);
      delta.sync();
    }
  }

  private static long checksum(MemorySegment page) {
    CRC32 checksum = new CRC32();
    checksum.update(page.asSlice(0, CHECKED_BYTES).asByteBuffer());
    return checksum.getValue();
  }

  @Override
  public String toString() {
    return sizeBytes + " bytes over a base of " + baseBytes;
  }
}
