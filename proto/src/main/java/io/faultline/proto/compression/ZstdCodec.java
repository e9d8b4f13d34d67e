package io.faultline.proto.compression;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.util.Native;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Zstandard frames at level 1, the fastest regular level: costs more CPU than LZ4, compresses
 * better.
 */
final class ZstdCodec extends PageCodec {
  private static final int LEVEL = 1;

  // Created on first use: a node needs only one of them.
  private @Nullable ZstdCompressCtx compressor;
  private @Nullable ZstdDecompressCtx decompressor;

  /** Whether a native library for this machine exists and loads. */
  static boolean isAvailable() {
    try {
      Native.load();
      return Native.isLoaded();
    } catch (LinkageError e) {
      return false; // not unpacked, or not built for this system
    }
  }

  @Override
  public int bound(int bytes) {
    return Math.toIntExact(Zstd.compressBound(bytes));
  }

  @Override
  public int compress(ByteBuffer from, int offset, int bytes, ByteBuffer to) {
    if (compressor == null) {
      compressor = new ZstdCompressCtx().setLevel(LEVEL);
    }
    return compressor.compressDirectByteBuffer(to, 0, to.capacity(), from, offset, bytes);
  }

  @Override
  public void decompress(
      ByteBuffer from, int offset, int bytes, ByteBuffer to, int toOffset, int expected)
      throws DecompressionException {
    if (decompressor == null) {
      decompressor = new ZstdDecompressCtx();
    }
    int actual;
    try {
      actual = decompressor.decompressDirectByteBuffer(to, toOffset, expected, from, offset, bytes);
    } catch (ZstdException e) {
      throw new DecompressionException("not pages compressed with Zstandard: " + e.getMessage(), e);
    }
    requireLength(actual, expected);
  }

  @Override
  public void close() {
    if (compressor != null) {
      compressor.close();
    }
    if (decompressor != null) {
      decompressor.close();
    }
  }
}
