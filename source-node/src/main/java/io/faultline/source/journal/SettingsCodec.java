package io.faultline.source.journal;

import io.faultline.memory.Placement;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.proto.security.Security;
import io.faultline.source.MigrationMode;
import io.faultline.source.PrecopySettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.WireSettings;
import io.faultline.source.journal.state.How;
import io.faultline.source.scan.ScanSettings;
import java.net.InetSocketAddress;

/**
 * Converts {@link SourceSettings} to and from their journal record. Precopy settings are not
 * recorded: a later process never runs precopy rounds.
 */
final class SettingsCodec {
  private SettingsCodec() {}

  static How encode(SourceSettings settings) {
    ScanSettings scan = settings.scanSettings();
    return How.newBuilder()
        .setMode(settings.mode().name())
        .setPlacement(settings.placement().name())
        .setCompression(settings.wire().compression().name())
        .setChecksums(settings.wire().checksums())
        .setBandwidthBytesPerSecond(settings.bandwidthBytesPerSecond())
        .setBubbling(scan.bubbling())
        .setPrefetch(scan.prefetch())
        .setHotFirst(scan.hotFirst())
        .setChannels(settings.wire().channels())
        .build();
  }

  private static WireSettings wire(How how) {
    CompressionMode compression = CompressionMode.valueOf(how.getCompression());
    return new WireSettings(compression, how.getChecksums(), Math.max(1, how.getChannels()));
  }

  /**
   * @throws IllegalArgumentException if the record contains an unknown name
   */
  static SourceSettings decode(How how, InetSocketAddress destination) {
    return new SourceSettings(
        destination,
        MigrationMode.valueOf(how.getMode()),
        Placement.valueOf(how.getPlacement()),
        PrecopySettings.DEFAULT,
        how.getBandwidthBytesPerSecond(),
        new ScanSettings(how.getBubbling(), how.getPrefetch(), how.getHotFirst()),
        wire(how),
        Security.LOOPBACK_ONLY);
  }
}
