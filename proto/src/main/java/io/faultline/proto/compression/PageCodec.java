package io.faultline.proto.compression;

import io.faultline.proto.wire.Encoding;
import java.nio.ByteBuffer;

/**
 * Compresses and decompresses runs of pages. Works on direct buffers in place and allocates nothing
 * per run. Not thread-safe. Holds native memory until it is closed.
 */
public abstract sealed class PageCodec implements AutoCloseable permits Lz4Codec, ZstdCodec {
  /**
   * A codec for an encoding.
   *
   * @throws IllegalArgumentException if the encoding is not a compressed one
   */
  public static PageCodec of(Encoding encoding) {
    return switch (encoding) {
      case ENCODING_LZ4 -> new Lz4Codec();
      case ENCODING_ZSTD -> new ZstdCodec();
      default -> throw new IllegalArgumentException("no codec for " + encoding);
    };
  }

  /**
   * Whether this machine has the codec of a compressed encoding. Loads the native library. LZ4 is
   * always available, since it has an implementation in Java.
   */
  public static boolean isAvailable(Encoding encoding) {
    return switch (encoding) {
      case ENCODING_LZ4 -> true;
      case ENCODING_ZSTD -> ZstdCodec.isAvailable();
      default -> false;
    };
  }

  /** The largest compressed size of {@code bytes} bytes. */
  public abstract int bound(int bytes);

  /**
   * Compresses bytes, which must not change during the call.
   *
   * @param from input from {@code offset} on, within the limit; the position is ignored
   * @param to receives the result from 0 on; its limit must be at least {@link #bound}
   * @return the length of the result
   */
  public abstract int compress(ByteBuffer from, int offset, int bytes, ByteBuffer to);

  /**
   * Decompresses untrusted bytes from a peer.
   *
   * @param from the compressed bytes from {@code offset} on, within the limit
   * @param to receives the result from {@code toOffset} on, at most {@code expected} bytes, within
   *     the limit
   * @throws DecompressionException unless the result has the expected length
   */
  public abstract void decompress(
      ByteBuffer from, int offset, int bytes, ByteBuffer to, int toOffset, int expected)
      throws DecompressionException;

  /** Frees the native memory. */
  @Override
  public abstract void close();

  static void requireLength(int actual, int expected) throws DecompressionException {
    if (actual != expected) {
      throw new DecompressionException(
          "compressed pages of " + actual + " bytes when decompressed, not " + expected);
    }
  }
}
