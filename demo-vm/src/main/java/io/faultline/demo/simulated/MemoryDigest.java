package io.faultline.demo.simulated;

import io.faultline.memory.MemoryRegion;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.stream.LongStream;

/**
 * A digest of the contents of a region: SHA-256 over its size and the SHA-256 of each MiB in turn,
 * so that all processors can work on it. Equal digests mean equal contents.
 *
 * @param hex 64 hexadecimal digits
 */
public record MemoryDigest(String hex) {
  private static final long CHUNK_BYTES = 1 << 20;

  /** Digests a region, every page of which must be there, and which nobody may change meanwhile. */
  public static MemoryDigest of(MemoryRegion region) {
    return of(region.guest().data());
  }

  /** Digests memory. */
  static MemoryDigest of(MemorySegment memory) {
    long size = memory.byteSize();
    byte[][] leaves =
        LongStream.range(0, Math.ceilDiv(size, CHUNK_BYTES))
            .parallel()
            .mapToObj(n -> leaf(memory, n * CHUNK_BYTES))
            .toArray(byte[][]::new);
    MessageDigest root = Sha256.create();
    root.update(ByteBuffer.allocate(Long.BYTES).putLong(0, size));
    for (byte[] leaf : leaves) {
      root.update(leaf);
    }
    return new MemoryDigest(Sha256.hex(root));
  }

  private static byte[] leaf(MemorySegment memory, long start) {
    long length = Math.min(CHUNK_BYTES, memory.byteSize() - start);
    MessageDigest digest = Sha256.create();
    digest.update(memory.asSlice(start, length).asByteBuffer());
    return digest.digest();
  }

  @Override
  public String toString() {
    return hex;
  }
}
