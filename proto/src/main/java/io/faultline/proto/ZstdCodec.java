package io.faultline.proto;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.util.Native;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Zstandard frames at its fastest usual level: more work, more gain. */
final class ZstdCodec extends PageCodec {
  private static final int LEVEL = 1;

  // Each node needs one of them.
  private @Nullable ZstdCompressCtx compressor;
  private @Nullable ZstdDecompressCtx expander;

  /** Whether there is a native library for this machine, and it can be loaded. */
  static boolean isAvailable() {
    try {
      Native.load();
      return Native.isLoaded();
    } catch (LinkageError e) {
      return false; // it could not be unpacked, or is not made for this system
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
  public void expand(
      ByteBuffer from, int offset, int bytes, ByteBuffer to, int toOffset, int expected)
      throws WireException {
    if (expander == null) {
      expander = new ZstdDecompressCtx();
    }
    int got;
    try {
      got = expander.decompressDirectByteBuffer(to, toOffset, expected, from, offset, bytes);
    } catch (ZstdException e) {
      throw new WireException("pages that are not compressed with Zstandard: " + e.getMessage(), e);
    }
    requireLength(got, expected);
  }

  @Override
  public void close() {
    if (compressor != null) {
      compressor.close();
    }
    if (expander != null) {
      expander.close();
    }
  }
}
