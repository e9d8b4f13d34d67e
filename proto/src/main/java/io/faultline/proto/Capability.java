package io.faultline.proto;

import io.faultline.proto.compression.PageCodec;
import io.faultline.proto.wire.Encoding;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * An optional feature of the wire. Each node lists its own in the hello of each connection; the
 * source uses those that both nodes have.
 */
public enum Capability {
  /** Each run of pages carries a checksum ({@link RunChecksum}). */
  CRC32C,
  /** {@link Encoding#ENCODING_LZ4}. */
  LZ4,
  /** {@link Encoding#ENCODING_ZSTD}. */
  ZSTD,
  /**
   * Pages are discarded during the last precopy rounds too, while the VM still runs at the source.
   */
  DISCARD_AHEAD,
  /**
   * The device state may come in parts, the first of them while the VM still runs at the source.
   */
  STATE_PARTS;

  /** All capabilities of this machine. Loads the native libraries that they need. */
  public static Set<Capability> ofThisMachine() {
    Set<Capability> available = EnumSet.of(CRC32C, LZ4, DISCARD_AHEAD, STATE_PARTS);
    if (PageCodec.isAvailable(Encoding.ENCODING_ZSTD)) {
      available.add(ZSTD);
    }
    return available;
  }

  /** The name in a hello. */
  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
