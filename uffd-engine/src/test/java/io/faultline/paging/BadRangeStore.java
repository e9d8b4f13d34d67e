package io.faultline.paging;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A store of which a range cannot be read, like a disk with a bad sector. */
record BadRangeStore(PageStore good, long from, long to) implements PageStore {
  @Override
  public long read(long offset, MemorySegment target, long targetOffset, long lengthBytes)
      throws IOException {
    if (offset < to && offset + lengthBytes > from) {
      throw new IOException("bad sector");
    }
    return good.read(offset, target, targetOffset, lengthBytes);
  }

  @Override
  public void write(long offset, MemorySegment source, long sourceOffset, long lengthBytes)
      throws IOException {
    good.write(offset, source, sourceOffset, lengthBytes);
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    good.discard(offset, lengthBytes);
  }

  @Override
  public void sync() throws IOException {
    good.sync();
  }

  @Override
  public int alignment() {
    return good.alignment();
  }
}
