package io.faultline.restore.remote;

import io.faultline.proto.Capability;
import io.faultline.proto.Hellos;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.security.Security;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * Where a {@link FaultlineOrigin} gets pages from, and how.
 *
 * @param source the address of the page source
 * @param security how the page source is authenticated
 * @param checksums whether each run of pages carries a checksum
 * @param compression whether pages that no thread waits for may be compressed
 * @param channels the number of bulk connections, 1 to {@link Hellos#MAX_CHANNELS}
 * @param timeouts the silence after which a connection is lost; and how long to try to connect, at
 *     the start and again after a loss, before the restore fails. Zero: as long as the page source
 *     keeps the processes frozen
 */
public record FaultlineOriginSettings(
    InetSocketAddress source,
    Security security,
    boolean checksums,
    boolean compression,
    int channels,
    PeerTimeouts timeouts) {
  /** How long to try to connect. */
  public static final Duration DEFAULT_GIVE_UP = Duration.ofSeconds(30);

  public FaultlineOriginSettings {
    security.require(source);
    if (channels < 1 || channels > Hellos.MAX_CHANNELS) {
      throw new IllegalArgumentException(
          channels + " bulk connections; choose 1 to " + Hellos.MAX_CHANNELS);
    }
  }

  /** With checksums, compression where it pays, and one bulk connection. */
  public FaultlineOriginSettings(InetSocketAddress source, Security security) {
    this(
        source,
        security,
        true,
        true,
        1,
        new PeerTimeouts(PeerTimeouts.DEFAULT.silence(), DEFAULT_GIVE_UP));
  }

  /** The optional features for the hello. */
  Set<Capability> capabilities() {
    Set<Capability> offered = EnumSet.noneOf(Capability.class);
    if (checksums) {
      offered.add(Capability.CRC32C);
    }
    if (compression) {
      offered.add(Capability.LZ4);
      offered.add(Capability.ZSTD);
    }
    offered.retainAll(Capability.ofThisMachine());
    return offered;
  }
}
