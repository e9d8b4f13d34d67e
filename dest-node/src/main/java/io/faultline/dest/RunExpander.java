package io.faultline.dest;

import io.faultline.proto.Capability;
import io.faultline.proto.WireException;
import io.faultline.proto.compression.DecompressionException;
import io.faultline.proto.compression.PageCodec;
import io.faultline.proto.wire.Encoding;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Expands runs of pages that came compressed, into a buffer that each next one uses again. Its
 * memory is taken when the first comes. Belongs to one connection's loop.
 */
final class RunExpander implements AutoCloseable {
  /** The most page data of a compressed run. */
  static final int MAX_BYTES = 2 << 20;

  private final Set<Capability> agreed;
  private @Nullable PageCodec lz4;
  private @Nullable PageCodec zstd;
  private @Nullable RunBuffer expanded;

  /**
   * @param agreed what both ends can do
   */
  RunExpander(Set<Capability> agreed) {
    this.agreed = agreed;
  }

  /** Whether runs come in this encoding, which takes expanding. */
  static boolean isCompressed(Encoding encoding) {
    return encoding == Encoding.ENCODING_LZ4 || encoding == Encoding.ENCODING_ZSTD;
  }

  /**
   * Checks the announcement of a compressed run.
   *
   * @param bytes of its pages
   */
  void check(Encoding encoding, long payloadBytes, long bytes) throws WireException {
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
   * Expands a run that was checked.
   *
   * @return the address of its pages, until the next
   */
  long expand(Encoding encoding, RunBuffer payload, int payloadBytes, int bytes)
      throws WireException {
    RunBuffer to = expanded;
    if (to == null) {
      to = new RunBuffer(MAX_BYTES);
      expanded = to;
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
    if (expanded != null) {
      expanded.close();
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
