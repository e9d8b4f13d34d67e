package io.faultline.source;

import io.faultline.memory.Placement;
import io.faultline.proto.security.Security;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/**
 * Where and how to migrate.
 *
 * @param destination the address of the destination
 * @param mode when the VM moves, and when its memory does
 * @param placement how the destination places pages
 * @param precopy when precopy rounds end
 * @param bandwidthBytesPerSecond the most that goes over the bulk connections together, at least 1;
 *     requested pages are not limited. {@link #UNLIMITED} for no limit
 * @param scanSettings in which order memory follows behind the switchover
 * @param wire how pages travel
 * @param security how the destination and this node know each other
 */
public record SourceSettings(
    InetSocketAddress destination,
    MigrationMode mode,
    Placement placement,
    PrecopySettings precopy,
    long bandwidthBytesPerSecond,
    ScanSettings scanSettings,
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
        ScanSettings.DEFAULT,
        WireSettings.DEFAULT,
        Security.LOOPBACK_ONLY);
  }

  /** Postcopy, pages copied into place, no limit. */
  public SourceSettings(InetSocketAddress destination) {
    this(destination, MigrationMode.POSTCOPY, Placement.COPY, PrecopySettings.DEFAULT, UNLIMITED);
  }

  public SourceSettings withMode(MigrationMode newMode) {
    return with(to -> to.mode = newMode);
  }

  public SourceSettings withPlacement(Placement newPlacement) {
    return with(to -> to.placement = newPlacement);
  }

  public SourceSettings withPrecopy(PrecopySettings newPrecopy) {
    return with(to -> to.precopy = newPrecopy);
  }

  public SourceSettings withBandwidth(long bytesPerSecond) {
    return with(to -> to.bandwidth = bytesPerSecond);
  }

  /** See {@link ScanSettings#bubbling}. */
  public SourceSettings withBubbling(boolean on) {
    ScanSettings order = new ScanSettings(on, scanSettings.prefetch(), scanSettings.hotFirst());
    return with(to -> to.scanSettings = order);
  }

  /** See {@link ScanSettings#prefetch}. */
  public SourceSettings withPrefetch(boolean on) {
    ScanSettings order = new ScanSettings(scanSettings.bubbling(), on, scanSettings.hotFirst());
    return with(to -> to.scanSettings = order);
  }

  /** See {@link ScanSettings#hotFirst}. */
  public SourceSettings withHotFirst(boolean on) {
    ScanSettings order = new ScanSettings(scanSettings.bubbling(), scanSettings.prefetch(), on);
    return with(to -> to.scanSettings = order);
  }

  public SourceSettings withWire(WireSettings newWire) {
    return with(to -> to.wire = newWire);
  }

  /** See {@link WireSettings#channels}. */
  public SourceSettings withChannels(int channels) {
    return withWire(wire.withChannels(channels));
  }

  public SourceSettings withSecurity(Security newSecurity) {
    return with(to -> to.security = newSecurity);
  }

  private SourceSettings with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.settings();
  }

  /** Settings that can be changed one by one. */
  private static final class Draft {
    private final InetSocketAddress destination;
    private MigrationMode mode;
    private Placement placement;
    private PrecopySettings precopy;
    private long bandwidth;
    private ScanSettings scanSettings;
    private WireSettings wire;
    private Security security;

    Draft(SourceSettings from) {
      destination = from.destination;
      mode = from.mode;
      placement = from.placement;
      precopy = from.precopy;
      bandwidth = from.bandwidthBytesPerSecond;
      scanSettings = from.scanSettings;
      wire = from.wire;
      security = from.security;
    }

    SourceSettings settings() {
      return new SourceSettings(
          destination, mode, placement, precopy, bandwidth, scanSettings, wire, security);
    }
  }
}
