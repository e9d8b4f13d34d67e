package io.faultline.demo.simulated;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
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

  /** What of a part of memory is digested. */
  private interface Part {
    void update(MessageDigest digest, MemorySegment memory, long from, long to);
  }

  /** Digests a region, every page of which must be there, and which nobody may change meanwhile. */
  public static MemoryDigest of(MemoryRegion region) {
    return of(region.guest().data());
  }

  /**
   * Digests a region but for some of its base pages, which are not read. Without any the digest is
   * that of {@link #of(MemoryRegion)}.
   */
  public static MemoryDigest of(MemoryRegion region, PageBitmap without) {
    long page = region.basePageBytes();
    return of(
        region.guest().data(),
        (digest, memory, from, to) -> {
          for (long first = without.nextClear(from / page); first * page < to; ) {
            long end = without.nextSet(first);
            update(digest, memory, first * page, Math.min(end * page, to));
            first = without.nextClear(end);
          }
        });
  }

  /** Digests memory. */
  static MemoryDigest of(MemorySegment memory) {
    return of(memory, MemoryDigest::update);
  }

  private static MemoryDigest of(MemorySegment memory, Part part) {
    long size = memory.byteSize();
    byte[][] leaves =
        LongStream.range(0, Math.ceilDiv(size, CHUNK_BYTES))
            .parallel()
            .mapToObj(n -> leaf(memory, n * CHUNK_BYTES, part))
            .toArray(byte[][]::new);
    MessageDigest root = Sha256.create();
    root.update(ByteBuffer.allocate(Long.BYTES).putLong(0, size));
    for (byte[] leaf : leaves) {
      root.update(leaf);
    }
    return new MemoryDigest(Sha256.hex(root));
  }

  private static byte[] leaf(MemorySegment memory, long start, Part part) {
    MessageDigest digest = Sha256.create();
    part.update(digest, memory, start, Math.min(start + CHUNK_BYTES, memory.byteSize()));
    return digest.digest();
  }

  private static void update(MessageDigest digest, MemorySegment memory, long from, long to) {
    digest.update(memory.asSlice(from, to - from).asByteBuffer());
  }

  @Override
  public String toString() {
    return hex;
  }
}
