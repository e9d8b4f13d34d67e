package io.faultline.snapshot.file;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** CRC32C of each 64 KiB of data, as it is appended. Confined to the thread that writes. */
final class DataChecksums {
  static final int CHUNK_BYTES = 64 << 10;

  private final CRC32C open = new CRC32C();
  private int openBytes;
  private int[] chunks = new int[1024];
  private int size;

  void append(MemorySegment data) {
    long done = 0;
    while (done < data.byteSize()) {
      long part = Math.min(CHUNK_BYTES - openBytes, data.byteSize() - done);
      open.update(data.asSlice(done, part).asByteBuffer());
      openBytes += (int) part;
      done += part;
      if (openBytes == CHUNK_BYTES) {
        end();
      }
    }
  }

  private void end() {
    if (size == chunks.length) {
      chunks = Arrays.copyOf(chunks, 2 * size);
    }
    chunks[size++] = (int) open.getValue();
    open.reset();
    openBytes = 0;
  }

  /** All checksums; the last chunk may be shorter. */
  int[] finish() {
    if (openBytes > 0) {
      end();
    }
    return Arrays.copyOf(chunks, size);
  }
}
