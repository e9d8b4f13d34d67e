package io.faultline.source;

import io.faultline.proto.Capability;
import io.faultline.proto.Hellos;
import java.util.EnumSet;
import java.util.Set;

/**
 * How pages travel, where the destination can do it too.
 *
 * @param compression of memory that nobody waits for
 * @param checksums whether each run of pages carries a checksum, and a damaged one ends the
 *     connection
 * @param channels how many connections share what is not asked for, 1 to {@link
 *     Hellos#MAX_CHANNELS}; more than one is for links that do not let one connection have all they
 *     carry. All are served by one thread at each end
 */
public record WireSettings(CompressionMode compression, boolean checksums, int channels) {
  public static final WireSettings DEFAULT = new WireSettings(CompressionMode.AUTO, true);

  public WireSettings {
    if (channels < 1 || channels > Hellos.MAX_CHANNELS) {
      throw new IllegalArgumentException(
          channels + " bulk connections; choose 1 to " + Hellos.MAX_CHANNELS);
    }
  }

  /** Over one bulk connection. */
  public WireSettings(CompressionMode compression, boolean checksums) {
    this(compression, checksums, 1);
  }

  /** The same over several bulk connections. */
  public WireSettings withChannels(int newChannels) {
    return new WireSettings(compression, checksums, newChannels);
  }

  /** What the source's hello names. */
  Set<Capability> capabilities() {
    Set<Capability> asked = EnumSet.of(Capability.DISCARD_AHEAD);
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
