package io.faultline.snapshot.file;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C of sections. */
final class Checksum {
  private Checksum() {}

  static int of(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.duplicate());
    return (int) checksum.getValue();
  }

  static int of(MemorySegment bytes) {
    return of(bytes.asByteBuffer());
  }
}
