package io.faultline.source;

import io.faultline.memory.Placement;
import io.faultline.proto.security.Security;
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
 * @param pushOrder in which order memory follows behind the switchover
 * @param wire how pages travel
 * @param security how the destination and this node know each other
 */
public record SourceSettings(
    InetSocketAddress destination,
    MigrationMode mode,
    Placement placement,
    PrecopySettings precopy,
    long bandwidthBytesPerSecond,
    PushOrder pushOrder,
    WireSettings wire,
    Security security) {
  public static final long UNLIMITED = Long.MAX_VALUE;

  public SourceSettings {
    RateLimit.check(bandwidthBytesPerSecond);
  }

  /** What wins is switched on. */
  public SourceSettings(
      InetSocketAddress destination,
      MigrationMode mode,
      Placement placement,
      PrecopySettings precopy,
      long bandwidthBytesPerSecond) {
    this(
        destination,
        mode,
        placement,
        precopy,
        bandwidthBytesPerSecond,
        PushOrder.DEFAULT,
        WireSettings.DEFAULT,
        Security.LOOPBACK_ONLY);
  }

  /** Postcopy, pages copied into place, no limit. */
  public SourceSettings(InetSocketAddress destination) {
    this(destination, MigrationMode.POSTCOPY, Placement.COPY, PrecopySettings.DEFAULT, UNLIMITED);
  }

  public SourceSettings withMode(MigrationMode newMode) {
    return new SourceSettings(
        destination,
        newMode,
        placement,
        precopy,
        bandwidthBytesPerSecond,
        pushOrder,
        wire,
        security);
  }

  public SourceSettings withPlacement(Placement newPlacement) {
    return new SourceSettings(
        destination,
        mode,
        newPlacement,
        precopy,
        bandwidthBytesPerSecond,
        pushOrder,
        wire,
        security);
  }

  public SourceSettings withPrecopy(PrecopySettings newPrecopy) {
    return new SourceSettings(
        destination,
        mode,
        placement,
        newPrecopy,
        bandwidthBytesPerSecond,
        pushOrder,
        wire,
        security);
  }

  public SourceSettings withBandwidth(long bytesPerSecond) {
    return new SourceSettings(
        destination, mode, placement, precopy, bytesPerSecond, pushOrder, wire, security);
  }

  /** See {@link PushOrder#bubbling}. */
  public SourceSettings withBubbling(boolean on) {
    return withPushOrder(new PushOrder(on, pushOrder.prefetch(), pushOrder.hotFirst()));
  }

  /** See {@link PushOrder#prefetch}. */
  public SourceSettings withPrefetch(boolean on) {
    return withPushOrder(new PushOrder(pushOrder.bubbling(), on, pushOrder.hotFirst()));
  }

  /** See {@link PushOrder#hotFirst}. */
  public SourceSettings withHotFirst(boolean on) {
    return withPushOrder(new PushOrder(pushOrder.bubbling(), pushOrder.prefetch(), on));
  }

  private SourceSettings withPushOrder(PushOrder order) {
    return new SourceSettings(
        destination, mode, placement, precopy, bandwidthBytesPerSecond, order, wire, security);
  }

  public SourceSettings withWire(WireSettings newWire) {
    return new SourceSettings(
        destination,
        mode,
        placement,
        precopy,
        bandwidthBytesPerSecond,
        pushOrder,
        newWire,
        security);
  }

  public SourceSettings withSecurity(Security newSecurity) {
    return new SourceSettings(
        destination,
        mode,
        placement,
        precopy,
        bandwidthBytesPerSecond,
        pushOrder,
        wire,
        newSecurity);
  }
}
