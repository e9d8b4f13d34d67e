package io.faultline.proto.runs;

import io.faultline.proto.Capability;
import io.faultline.proto.WireException;
import io.faultline.proto.compression.DecompressionException;
import io.faultline.proto.compression.PageCodec;
import io.faultline.proto.wire.Encoding;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses runs of pages into a buffer that is reused for each run, and allocated for the
 * first. Confined to one connection's loop.
 */
public final class RunDecompressor implements AutoCloseable {
  /** The most page data of a compressed run. */
  public static final int MAX_BYTES = 2 << 20;

  private final Set<Capability> agreed;
  private @Nullable PageCodec lz4;
  private @Nullable PageCodec zstd;
  private @Nullable RunBuffer output;

  /**
   * @param agreed the capabilities of both sides
   */
  public RunDecompressor(Set<Capability> agreed) {
    this.agreed = agreed;
  }

  /** Whether runs in this encoding must be decompressed. */
  public static boolean isCompressed(Encoding encoding) {
    return encoding == Encoding.ENCODING_LZ4 || encoding == Encoding.ENCODING_ZSTD;
  }

  /**
   * Checks the header of a compressed run.
   *
   * @param bytes decompressed size of its pages
   */
  public void check(Encoding encoding, long payloadBytes, long bytes) throws WireException {
    Capability needed = encoding == Encoding.ENCODING_LZ4 ? Capability.LZ4 : Capability.ZSTD;
    if (!agreed.contains(needed)) {
      throw new WireException("pages in the encoding " + encoding + ", which was not agreed on");
    }
    if (bytes > MAX_BYTES || payloadBytes < 1 || payloadBytes > bytes) {
      throw new WireException(
          bytes + " bytes of pages, compressed, with a payload of " + payloadBytes + " bytes");
    }
  }

  /**
   * Decompresses a run whose header was checked.
   *
   * @return the address of its pages, valid until the next call
   */
  public long decompress(Encoding encoding, RunBuffer payload, int payloadBytes, int bytes)
      throws WireException {
    RunBuffer to = output;
    if (to == null) {
      to = new RunBuffer(MAX_BYTES);
      output = to;
    }
    try {
      codec(encoding).decompress(payload.bytes(), 0, payloadBytes, to.bytes(), 0, bytes);
    } catch (DecompressionException e) {
      throw new WireException(String.valueOf(e.getMessage()), e);
    }
    return to.address();
  }

  @Override
  public void close() {
    if (lz4 != null) {
      lz4.close();
    }
    if (zstd != null) {
      zstd.close();
    }
    if (output != null) {
      output.close();
    }
  }

  private PageCodec codec(Encoding encoding) {
    PageCodec known = encoding == Encoding.ENCODING_LZ4 ? lz4 : zstd;
    if (known != null) {
      return known;
    }
    PageCodec made = PageCodec.of(encoding);
    if (encoding == Encoding.ENCODING_LZ4) {
      lz4 = made;
    } else {
      zstd = made;
    }
    return made;
  }
}
