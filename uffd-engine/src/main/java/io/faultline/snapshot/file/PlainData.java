package io.faultline.snapshot.file;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Data that is stored as it is. */
final class PlainData implements DataSection {
  private final FreshFile file;
  private final long offset;
  private long bytes;

  /**
   * @param offset of the first data in the file
   */
  PlainData(FreshFile file, long offset) {
    this.file = file;
    this.offset = offset;
  }

  @Override
  public void append(MemorySegment data) throws IOException {
    file.write(offset + bytes, data.address(), data.byteSize());
    bytes += data.byteSize();
  }

  @Override
  public void finish() {}

  @Override
  public long storedBytes() {
    return bytes;
  }

  @Override
  public int[] storedSizes() {
    return new int[0];
  }

  @Override
  public void close() {}
}
