package io.faultline.source;

import io.faultline.proto.Capability;
import java.util.EnumSet;
import java.util.Set;

/**
 * How pages travel, where the destination can do it too.
 *
 * @param compression of memory that nobody waits for
 * @param checksums whether each run of pages carries a checksum, and a damaged one ends the
 *     connection
 */
public record WireSettings(CompressionMode compression, boolean checksums) {
  public static final WireSettings DEFAULT = new WireSettings(CompressionMode.AUTO, true);

  /** What the source's hello names. */
  Set<Capability> capabilities() {
    Set<Capability> asked = EnumSet.noneOf(Capability.class);
    if (checksums) {
      asked.add(Capability.CRC32C);
    }
    switch (compression) {
      case LZ4 -> asked.add(Capability.LZ4);
      case ZSTD -> asked.add(Capability.ZSTD);
      case AUTO -> {
        asked.add(Capability.LZ4);
        asked.add(Capability.ZSTD);
      }
      case NONE -> {}
    }
    asked.retainAll(Capability.ofThisMachine());
    return asked;
  }
}
