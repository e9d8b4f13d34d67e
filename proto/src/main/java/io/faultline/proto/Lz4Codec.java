package io.faultline.proto;

import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * LZ4 blocks: little work, little gain. In Java where there is no native library for the machine.
 */
final class Lz4Codec extends PageCodec {
  private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();
  private final LZ4SafeDecompressor expander = LZ4Factory.fastestInstance().safeDecompressor();

  @Override
  public int bound(int bytes) {
    return compressor.maxCompressedLength(bytes);
  }

  @Override
  public int compress(ByteBuffer from, int offset, int bytes, ByteBuffer to) {
    return compressor.compress(from, offset, bytes, to, 0, to.capacity());
  }

  @Override
  public void expand(
      ByteBuffer from, int offset, int bytes, ByteBuffer to, int toOffset, int expected)
      throws WireException {
    int got;
    try {
      got = expander.decompress(from, offset, bytes, to, toOffset, expected);
    } catch (LZ4Exception e) {
      throw new WireException("pages that are not compressed with LZ4: " + e.getMessage(), e);
    }
    requireLength(got, expected);
  }

  @Override
  public void close() {}
}
