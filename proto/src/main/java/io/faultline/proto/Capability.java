package io.faultline.proto;

import io.faultline.proto.compression.PageCodec;
import io.faultline.proto.wire.Encoding;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * What a node can do beyond the least that the wire's version asks for. Both name theirs in the
 * hello of each connection; the source uses what both can.
 */
public enum Capability {
  /** Each run of pages carries a checksum: {@link RunChecksum}. */
  CRC32C,
  /** {@link Encoding#ENCODING_LZ4}. */
  LZ4,
  /** {@link Encoding#ENCODING_ZSTD}. */
  ZSTD,
  /** Pages are discarded in the last rounds as well, while the VM still runs at the source. */
  DISCARD_AHEAD;

  /** All that this machine can do. Loads the native libraries for it. */
  public static Set<Capability> ofThisMachine() {
    Set<Capability> able = EnumSet.of(CRC32C, LZ4, DISCARD_AHEAD);
    if (PageCodec.isAvailable(Encoding.ENCODING_ZSTD)) {
      able.add(ZSTD);
    }
    return able;
  }

  /** Its name in a hello. */
  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
