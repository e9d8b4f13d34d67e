package io.faultline.paging.store;

import io.faultline.paging.PageStore;
import io.faultline.paging.PagingException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A base that is only read, and a delta over it that has what was written: several deltas can share
 * a base, and a delta can be the base of another.
 *
 * <p>The delta holds a page map (see {@link DeltaMap}) and then the pages, each at its own place:
 * its store must be sparse, or be as large as the base. The order of writes is:
 *
 * <ol>
 *   <li>A page is written to the delta, then its bit is set in memory.
 *   <li>{@link #sync} copies the bits, syncs the delta, writes the copies into its map, and syncs
 *       it again.
 * </ol>
 *
 * <p>So a bit in the delta names a page whose contents are durable. After a crash a page has what
 * was written before the last sync or a later write of it; without its bit, what the base has. A
 * page map that was torn by a crash is valid, since bits are only ever set.
 *
 * <p>As thread-safe as both stores. Nobody closes them.
 */
public final class DeltaStore implements PageStore {
  static final int PAGE_BYTES = StoreFile.PAGE_BYTES;

  private final PageStore base;
  private final PageStore delta;
  private final DeltaMap map;
  private final long sizeBytes;

  /** For the rest of a last page that a region has only a part of. */
  private final MemorySegment scratch = Arena.ofAuto().allocate(PAGE_BYTES, PAGE_BYTES);

  private DeltaStore(PageStore base, PageStore delta, DeltaMap map, long sizeBytes) {
    this.base = base;
    this.delta = delta;
    this.map = map;
    this.sizeBytes = sizeBytes;
  }

  /** The size that the delta of a store must have, in bytes: the map comes to it. */
  public static long deltaBytes(long sizeBytes) {
    return DeltaMap.dataOffset(sizeBytes) + DeltaMap.roundUp(sizeBytes);
  }

  /**
   * Opens a delta. An empty one (zeros) becomes that of this size.
   *
   * @param sizeBytes of the whole, positive; beyond the end of the base are zeros
   * @throws IllegalArgumentException if the delta is too small or read-only
   * @throws PagingException if the delta is none, or was made with another size or a base of
   *     another size
   * @throws IOException if a store fails
   */
  public static DeltaStore open(PageStore base, PageStore delta, long sizeBytes)
      throws IOException {
    if (sizeBytes <= 0 || delta.sizeBytes() < deltaBytes(sizeBytes)) {
      throw new IllegalArgumentException(
          delta
              + " of "
              + delta.sizeBytes()
              + " bytes as the delta of "
              + sizeBytes
              + ": it must have at least "
              + deltaBytes(Math.max(1, sizeBytes)));
    }
    if (delta.isReadOnly()) {
      throw new IllegalArgumentException(delta + " as a delta: must not be read-only");
    }
    DeltaHeader header = new DeltaHeader(sizeBytes, base.sizeBytes());
    boolean isNew = !header.isIn(delta);
    DeltaMap map = new DeltaMap(delta, sizeBytes);
    map.load();
    if (isNew && map.size() > 0) {
      throw new PagingException(delta + " is no delta, but not empty either: name an empty file");
    }
    if (isNew) {
      header.write(delta);
    }
    return new DeltaStore(base, delta, map, sizeBytes);
  }

  @Override
  public long read(long offset, MemorySegment to, long toOffset, long lengthBytes)
      throws IOException {
    Objects.checkFromIndexSize(toOffset, lengthBytes, to.byteSize());
    long length = Math.clamp(sizeBytes - offset, 0, lengthBytes);
    for (long done = 0; done < length; ) {
      long at = offset + done;
      boolean inDelta = map.contains(at / PAGE_BYTES);
      long part = Math.min(length - done, sameSide(at, length - done, inDelta));
      PageStore store = inDelta ? delta : base;
      long from = inDelta ? map.dataOffset() + at : at;
      // a store may have a part of a page at its end: all of it is asked for
      long asked = Math.min(DeltaMap.roundUp(part), lengthBytes - done);
      boolean isBeyond = !inDelta && at >= base.sizeBytes();
      long read = isBeyond ? 0 : store.read(from, to, toOffset + done, asked);
      long got = Math.clamp(read, 0, part);
      if (got < part) {
        to.asSlice(toOffset + done + got, part - got).fill((byte) 0);
      }
      done += part;
    }
    return length;
  }

  /** The number of bytes until a page that the other store has. */
  private long sameSide(long offset, long length, boolean inDelta) {
    long first = offset / PAGE_BYTES;
    long end = DeltaMap.roundUp(offset + length) / PAGE_BYTES;
    long page = first + 1;
    while (page < end && map.contains(page) == inDelta) {
      page++;
    }
    return page * PAGE_BYTES - offset;
  }

  @Override
  public void write(long offset, MemorySegment from, long fromOffset, long lengthBytes)
      throws IOException {
    Objects.checkFromIndexSize(offset, lengthBytes, sizeBytes);
    long whole = wholeBytes(offset, lengthBytes);
    if (whole > 0) {
      delta.write(map.dataOffset() + offset, from, fromOffset, whole);
    }
    if (whole < lengthBytes) {
      long rest = lengthBytes - whole;
      writePart(offset + whole, from.asSlice(fromOffset + whole, rest), rest);
    }
    map.add(offset / PAGE_BYTES, DeltaMap.roundUp(offset + lengthBytes) / PAGE_BYTES);
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    Objects.checkFromIndexSize(offset, lengthBytes, sizeBytes);
    long whole = wholeBytes(offset, lengthBytes);
    if (whole > 0) {
      delta.discard(map.dataOffset() + offset, whole);
    }
    if (whole < lengthBytes) {
      writePart(offset + whole, null, lengthBytes - whole);
    }
    map.add(offset / PAGE_BYTES, DeltaMap.roundUp(offset + lengthBytes) / PAGE_BYTES);
  }

  /** The bytes of a range without a last part of a page, the rest of which the base may have. */
  private long wholeBytes(long offset, long lengthBytes) {
    long end = offset + lengthBytes;
    boolean needsTheRest = end < sizeBytes && !map.contains(end / PAGE_BYTES);
    return needsTheRest ? lengthBytes - end % PAGE_BYTES : lengthBytes;
  }

  /**
   * Writes the beginning of a page of the base, with the rest of the page, to the delta.
   *
   * @param part null for zeros
   */
  private void writePart(long page, @Nullable MemorySegment part, long partBytes)
      throws IOException {
    synchronized (scratch) {
      long read = page < base.sizeBytes() ? base.read(page, scratch, 0, PAGE_BYTES) : 0;
      long got = Math.clamp(read, 0, PAGE_BYTES);
      scratch.asSlice(got).fill((byte) 0);
      MemorySegment start = scratch.asSlice(0, partBytes);
      if (part == null) {
        start.fill((byte) 0);
      } else {
        start.copyFrom(part);
      }
      delta.write(map.dataOffset() + page, scratch, 0, PAGE_BYTES);
    }
  }

  @Override
  public void sync() throws IOException {
    map.sync();
  }

  /** The number of pages that the delta has. */
  public long deltaPages() {
    return map.size();
  }

  @Override
  public int alignment() {
    return Math.max(base.alignment(), delta.alignment());
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public String toString() {
    return delta + " over " + base;
  }
}
