package io.faultline.paging.store;

import io.faultline.paging.PageStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A part of a store, as a store: a region at an offset of a file. Ranges that do not overlap may be
 * mapped at the same time; it is not checked that they do not.
 *
 * <p>As thread-safe as the store. Nobody closes it; the store must stay open.
 */
public final class StoreRange implements PageStore {
  private final PageStore store;
  private final long start;
  private final long sizeBytes;

  private StoreRange(PageStore store, long start, long sizeBytes) {
    this.store = store;
    this.start = start;
    this.sizeBytes = sizeBytes;
  }

  /** The part of a store from an offset to its end. */
  public static StoreRange from(PageStore store, long offset) {
    return of(store, offset, Math.max(0, store.sizeBytes() - offset));
  }

  /**
   * A part of a store.
   *
   * @param offset of the part, a multiple of the store's alignment
   * @throws IllegalArgumentException if it is not, or the part reaches beyond the end
   */
  public static StoreRange of(PageStore store, long offset, long lengthBytes) {
    int alignment = store.alignment();
    if (offset % alignment != 0) {
      throw new IllegalArgumentException(
          "offset " + offset + " of " + store + ": must be a multiple of " + alignment);
    }
    if (offset < 0 || lengthBytes < 0 || offset > store.sizeBytes() - lengthBytes) {
      throw new IllegalArgumentException(
          lengthBytes
              + " bytes at offset "
              + offset
              + " of "
              + store
              + ": must be within its "
              + store.sizeBytes()
              + " bytes");
    }
    return new StoreRange(store, offset, lengthBytes);
  }

  /** What follows in the store is not its own: it reads short there, as at the end of a file. */
  @Override
  public long read(long offset, MemorySegment to, long toOffset, long lengthBytes)
      throws IOException {
    long length = Math.clamp(sizeBytes - offset, 0, lengthBytes);
    return length == 0 ? 0 : store.read(start + offset, to, toOffset, length);
  }

  @Override
  public void write(long offset, MemorySegment from, long fromOffset, long lengthBytes)
      throws IOException {
    Objects.checkFromIndexSize(offset, lengthBytes, sizeBytes);
    store.write(start + offset, from, fromOffset, lengthBytes);
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    Objects.checkFromIndexSize(offset, lengthBytes, sizeBytes);
    store.discard(start + offset, lengthBytes);
  }

  @Override
  public void sync() throws IOException {
    store.sync();
  }

  @Override
  public int alignment() {
    return store.alignment();
  }

  @Override
  public boolean isReadOnly() {
    return store.isReadOnly();
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public String toString() {
    return store + " at " + start;
  }
}
