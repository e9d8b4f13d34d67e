package io.faultline.source;

import io.faultline.memory.Placement;
import java.net.InetSocketAddress;

/**
 * Where and how to migrate.
 *
 * @param destination the address of the destination
 * @param mode when the VM moves, and when its memory does
 * @param placement how the destination places pages
 * @param precopy when precopy rounds end
 * @param bandwidthBytesPerSecond the most that goes over the bulk connection, at least 1; requested
 *     pages are not limited. {@link #UNLIMITED} for no limit
 */
public record SourceSettings(
    InetSocketAddress destination,
    MigrationMode mode,
    Placement placement,
    PrecopySettings precopy,
    long bandwidthBytesPerSecond) {
  public static final long UNLIMITED = Long.MAX_VALUE;

  public SourceSettings {
    RateLimit.check(bandwidthBytesPerSecond);
  }

  /** Postcopy, pages copied into place, no limit. */
  public SourceSettings(InetSocketAddress destination) {
    this(destination, MigrationMode.POSTCOPY, Placement.COPY, PrecopySettings.DEFAULT, UNLIMITED);
  }

  public SourceSettings withMode(MigrationMode newMode) {
    return new SourceSettings(destination, newMode, placement, precopy, bandwidthBytesPerSecond);
  }

  public SourceSettings withPlacement(Placement newPlacement) {
    return new SourceSettings(destination, mode, newPlacement, precopy, bandwidthBytesPerSecond);
  }

  public SourceSettings withPrecopy(PrecopySettings newPrecopy) {
    return new SourceSettings(destination, mode, placement, newPrecopy, bandwidthBytesPerSecond);
  }

  public SourceSettings withBandwidth(long bytesPerSecond) {
    return new SourceSettings(destination, mode, placement, precopy, bytesPerSecond);
  }
}
