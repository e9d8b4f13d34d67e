package io.faultline.demo.simulated;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.stream.LongStream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * A digest of the contents of a region: SHA-256 over its size and, for each 4 KiB block in order,
 * its CRC-32 and CRC-32C. A random difference in a block is missed with a probability of 2^-64.
 * Both CRCs are intrinsics in every compiler of the JVM; SHA-256 is fast only with C2, which nodes
 * do not use.
 *
 * @param hex 64 hexadecimal digits
 */
public record MemoryDigest(String hex) {
  private static final long CHUNK_BYTES = 1 << 20;
  private static final int BLOCK_BYTES = 4096;
  private static final int SUM_BYTES = 2 * Integer.BYTES;

  /** Appends the checksums of the digested blocks between two offsets. */
  private interface Part {
    void append(ByteBuffer sums, MemorySegment memory, long from, long to);
  }

  /** Reads memory that is not mapped. */
  interface Reader {
    /** Fills a segment from an offset on. */
    void read(long offsetBytes, MemorySegment to);
  }

  /** Digests a region. All pages must be present, and none may change meanwhile. */
  public static MemoryDigest of(MemoryRegion region) {
    return of(region.guest().data());
  }

  /**
   * Digests a region except some base pages, which are not read. If there are none, the digest is
   * that of {@link #of(MemoryRegion)}.
   */
  public static MemoryDigest of(MemoryRegion region, PageBitmap without) {
    long page = region.basePageBytes();
    return of(
        region.guest().data(),
        (sums, memory, from, to) -> {
          for (long first = without.nextClear(from / page); first * page < to; ) {
            long end = without.nextSet(first);
            append(sums, memory, first * page, Math.min(end * page, to));
            first = without.nextClear(end);
          }
        });
  }

  /** Digests memory. */
  public static MemoryDigest of(MemorySegment memory) {
    return of(memory, MemoryDigest::append);
  }

  /** Digests memory chunk by chunk; the digest is that of {@link #of(MemorySegment)}. */
  static MemoryDigest of(long sizeBytes, Reader memory) {
    MemorySegment buffer = MemorySegment.ofArray(new byte[(int) CHUNK_BYTES]);
    MessageDigest root = Sha256.create();
    root.update(ByteBuffer.allocate(Long.BYTES).putLong(0, sizeBytes));
    for (long at = 0; at < sizeBytes; at += CHUNK_BYTES) {
      MemorySegment chunk = buffer.asSlice(0, Math.min(CHUNK_BYTES, sizeBytes - at));
      memory.read(at, chunk);
      root.update(leaf(chunk, 0, MemoryDigest::append));
    }
    return new MemoryDigest(Sha256.hex(root));
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
    ByteBuffer sums = ByteBuffer.allocate((int) (CHUNK_BYTES / BLOCK_BYTES) * SUM_BYTES);
    part.append(sums, memory, start, Math.min(start + CHUNK_BYTES, memory.byteSize()));
    return Arrays.copyOf(sums.array(), sums.position());
  }

  private static void append(ByteBuffer sums, MemorySegment memory, long from, long to) {
    ByteBuffer bytes = memory.asSlice(from, to - from).asByteBuffer();
    Checksum crc32 = new CRC32();
    Checksum crc32c = new CRC32C();
    for (int at = 0; at < bytes.capacity(); at += BLOCK_BYTES) {
      int end = Math.min(at + BLOCK_BYTES, bytes.capacity());
      sums.putInt(of(bytes.limit(end).position(at), crc32));
      sums.putInt(of(bytes.position(at), crc32c));
    }
  }

  private static int of(ByteBuffer block, Checksum by) {
    by.reset();
    by.update(block);
    return (int) by.getValue();
  }

  @Override
  public String toString() {
    return hex;
  }
}
