package io.faultline.proto;

import io.faultline.proto.wire.Encoding;
import java.nio.ByteBuffer;

/**
 * Compresses runs of pages, and expands them again. Works on direct buffers in place and allocates
 * nothing for a run. For one thread; holds native memory until it is closed.
 */
public abstract sealed class PageCodec implements AutoCloseable permits Lz4Codec, ZstdCodec {
  /**
   * A codec for an encoding.
   *
   * @throws IllegalArgumentException for one that does not compress
   */
  public static PageCodec of(Encoding encoding) {
    return switch (encoding) {
      case ENCODING_LZ4 -> new Lz4Codec();
      case ENCODING_ZSTD -> new ZstdCodec();
      default -> throw new IllegalArgumentException("no codec for " + encoding);
    };
  }

  /** The most bytes that so many bytes are compressed to. */
  public abstract int bound(int bytes);

  /**
   * Compresses bytes that do not change meanwhile.
   *
   * @param from bytes from {@code offset} on, within its limit; its position is of no account
   * @param to gets the result from 0 on, with a limit of at least {@link #bound}
   * @return the length of the result
   */
  public abstract int compress(ByteBuffer from, int offset, int bytes, ByteBuffer to);

  /**
   * Expands what a peer sent.
   *
   * @param from the compressed bytes from {@code offset} on, within its limit
   * @param to gets the result from {@code toOffset} on, never more than {@code expected} bytes,
   *     within its limit
   * @throws WireException unless the result is as long as expected
   */
  public abstract void expand(
      ByteBuffer from, int offset, int bytes, ByteBuffer to, int toOffset, int expected)
      throws WireException;

  /** Frees what it holds. */
  @Override
  public abstract void close();

  static void requireLength(int got, int expected) throws WireException {
    if (got != expected) {
      throw new WireException(
          "compressed pages of " + got + " bytes when expanded, not " + expected);
    }
  }
}
