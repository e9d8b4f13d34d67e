package io.faultline.proto.compression;

import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * LZ4 blocks: low CPU cost, low compression ratio. Runs in Java if this machine has no native
 * library.
 */
final class Lz4Codec extends PageCodec {
  private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();
  private final LZ4SafeDecompressor decompressor = LZ4Factory.fastestInstance().safeDecompressor();

  @Override
  public int bound(int bytes) {
    return compressor.maxCompressedLength(bytes);
  }

  @Override
  public int compress(ByteBuffer from, int offset, int bytes, ByteBuffer to) {
    return compressor.compress(from, offset, bytes, to, 0, to.capacity());
  }

  @Override
  public void decompress(
      ByteBuffer from, int offset, int bytes, ByteBuffer to, int toOffset, int expected)
      throws DecompressionException {
    int actual;
    try {
      actual = decompressor.decompress(from, offset, bytes, to, toOffset, expected);
    } catch (LZ4Exception e) {
      throw new DecompressionException("not pages compressed with LZ4: " + e.getMessage(), e);
    }
    requireLength(actual, expected);
  }

  @Override
  public void close() {}
}
