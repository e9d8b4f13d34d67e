package io.faultline.source;

import io.faultline.memory.Placement;
import io.faultline.proto.security.Security;
import io.faultline.source.recording.OutgoingRecording;
import io.faultline.source.scan.ScanSettings;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where and how to migrate.
 *
 * @param destination the address of the destination
 * @param mode when the VM switches over, and when its memory is sent
 * @param placement how the destination places pages
 * @param precopy when precopy ends
 * @param bandwidthBytesPerSecond the limit of all bulk connections together, at least 1; {@link
 *     #UNLIMITED} for none. Requested pages are not limited
 * @param scanSettings the order in which memory is sent after the switchover
 * @param wire how pages are sent
 * @param security how this node and the destination authenticate each other
 * @param recording records what happens; null for nothing
 */
public record SourceSettings(
    InetSocketAddress destination,
    MigrationMode mode,
    Placement placement,
    PrecopySettings precopy,
    long bandwidthBytesPerSecond,
    ScanSettings scanSettings,
    WireSettings wire,
    Security security,
    @Nullable OutgoingRecording recording) {
  /** For {@code bandwidthBytesPerSecond}: no limit. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  public SourceSettings {
    RateLimit.check(bandwidthBytesPerSecond);
  }

  /** Records nothing. */
  public SourceSettings(
      InetSocketAddress destination,
      MigrationMode mode,
      Placement placement,
      PrecopySettings precopy,
      long bandwidthBytesPerSecond,
      ScanSettings scanSettings,
      WireSettings wire,
      Security security) {
    this(
        destination,
        mode,
        placement,
        precopy,
        bandwidthBytesPerSecond,
        scanSettings,
        wire,
        security,
        null);
  }

  /** With the default scan order and wire settings, for loopback addresses only. */
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

  /** Postcopy with COPY placement, without a bandwidth limit. */
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
    ScanSettings now = scanSettings;
    return withScan(new ScanSettings(on, now.prefetch(), now.hotFirst(), now.blockPrefetch()));
  }

  /** See {@link ScanSettings#prefetch}. */
  public SourceSettings withPrefetch(boolean on) {
    ScanSettings now = scanSettings;
    return withScan(new ScanSettings(now.bubbling(), on, now.hotFirst(), now.blockPrefetch()));
  }

  /** See {@link ScanSettings#hotFirst}. */
  public SourceSettings withHotFirst(boolean on) {
    ScanSettings now = scanSettings;
    return withScan(new ScanSettings(now.bubbling(), now.prefetch(), on, now.blockPrefetch()));
  }

  /** See {@link ScanSettings#blockPrefetch}. */
  public SourceSettings withBlockPrefetch(boolean on) {
    ScanSettings now = scanSettings;
    return withScan(new ScanSettings(now.bubbling(), now.prefetch(), now.hotFirst(), on));
  }

  private SourceSettings withScan(ScanSettings changed) {
    return with(to -> to.scanSettings = changed);
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

  public SourceSettings withRecording(OutgoingRecording to) {
    return with(draft -> draft.recording = to);
  }

  private SourceSettings with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.settings();
  }

  /** A mutable copy. */
  private static final class Draft {
    private final InetSocketAddress destination;
    private MigrationMode mode;
    private Placement placement;
    private PrecopySettings precopy;
    private long bandwidth;
    private ScanSettings scanSettings;
    private WireSettings wire;
    private Security security;
    private @Nullable OutgoingRecording recording;

    Draft(SourceSettings from) {
      destination = from.destination;
      mode = from.mode;
      placement = from.placement;
      precopy = from.precopy;
      bandwidth = from.bandwidthBytesPerSecond;
      scanSettings = from.scanSettings;
      wire = from.wire;
      security = from.security;
      recording = from.recording;
    }

    SourceSettings settings() {
      return new SourceSettings(
          destination,
          mode,
          placement,
          precopy,
          bandwidth,
          scanSettings,
          wire,
          security,
          recording);
    }
  }
}
