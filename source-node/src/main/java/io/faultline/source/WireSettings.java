package io.faultline.source;

import io.faultline.proto.Capability;
import io.faultline.proto.Hellos;
import io.faultline.proto.runs.CompressionMode;
import java.util.EnumSet;
import java.util.Set;

/**
 * How pages are sent, if the destination supports it too.
 *
 * @param compression for pages that were not requested
 * @param checksums whether each run of pages carries a checksum, so that a damaged run closes the
 *     connection
 * @param channels the number of bulk connections, 1 to {@link Hellos#MAX_CHANNELS}. More than one
 *     helps on links where a single connection does not get the full bandwidth. One thread on each
 *     side serves all of them
 */
public record WireSettings(CompressionMode compression, boolean checksums, int channels) {
  public static final WireSettings DEFAULT = new WireSettings(CompressionMode.AUTO, true);

  public WireSettings {
    if (channels < 1 || channels > Hellos.MAX_CHANNELS) {
      throw new IllegalArgumentException(
          channels + " bulk connections; choose 1 to " + Hellos.MAX_CHANNELS);
    }
  }

  /** With one bulk connection. */
  public WireSettings(CompressionMode compression, boolean checksums) {
    this(compression, checksums, 1);
  }

  /** The same with another number of bulk connections. */
  public WireSettings withChannels(int newChannels) {
    return new WireSettings(compression, checksums, newChannels);
  }

  /** The capabilities that the source offers in its hello. */
  Set<Capability> capabilities() {
    Set<Capability> offered = EnumSet.of(Capability.DISCARD_AHEAD, Capability.STATE_PARTS);
    if (checksums) {
      offered.add(Capability.CRC32C);
    }
    switch (compression) {
      case LZ4 -> offered.add(Capability.LZ4);
      case ZSTD -> offered.add(Capability.ZSTD);
      case AUTO -> {
        offered.add(Capability.LZ4);
        offered.add(Capability.ZSTD);
      }
      case NONE -> {}
    }
    offered.retainAll(Capability.ofThisMachine());
    return offered;
  }
}
