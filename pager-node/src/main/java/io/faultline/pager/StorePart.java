package io.faultline.pager;

import io.faultline.paging.PageStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A part of a store, as the store of one region. */
final class StorePart implements PageStore {
  private final PageStore store;
  private final long start;
  private final long sizeBytes;

  StorePart(PageStore store, long start, long sizeBytes) {
    this.store = store;
    this.start = start;
    this.sizeBytes = sizeBytes;
  }

  @Override
  public long read(long offset, MemorySegment to, long toOffset, long lengthBytes)
      throws IOException {
    return store.read(start + offset, to, toOffset, lengthBytes);
  }

  @Override
  public void write(long offset, MemorySegment from, long fromOffset, long lengthBytes)
      throws IOException {
    store.write(start + offset, from, fromOffset, lengthBytes);
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
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
  public long sizeBytes() {
    return sizeBytes;
  }
}
