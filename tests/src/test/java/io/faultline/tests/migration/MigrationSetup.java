package io.faultline.tests.migration;

import io.faultline.memory.Placement;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.source.MigrationMode;
import io.faultline.source.PrecopySettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.WireSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The settings of a migration.
 *
 * @param ownDirtyLog whether the VM's own dirty log is used, and not write protection
 * @param switchNow when the user commands the switchover; {@link #NEVER} for not at all
 * @param bandwidth initial limit, in bytes per second
 * @param laterBandwidth the limit after a short time
 * @param wire compression, checksums, and the number of bulk connections
 */
public record MigrationSetup(
    MigrationMode mode,
    Placement placement,
    boolean ownDirtyLog,
    PrecopySettings precopy,
    Duration switchNow,
    long bandwidth,
    long laterBandwidth,
    WireSettings wire) {
  /** The switchover is not commanded. */
  public static final Duration NEVER = Duration.ZERO;

  private static final long MIN_BANDWIDTH = 20L << 20;
  private static final long MAX_BANDWIDTH = 400L << 20;

  /** Default settings, without bandwidth limits. */
  public static MigrationSetup of(MigrationMode mode, Placement placement, boolean ownDirtyLog) {
    return new MigrationSetup(
        mode,
        placement,
        ownDirtyLog,
        PrecopySettings.DEFAULT,
        NEVER,
        SourceSettings.UNLIMITED,
        SourceSettings.UNLIMITED,
        WireSettings.DEFAULT);
  }

  /** Random valid settings; {@code shared} memory allows placement continue. */
  public static MigrationSetup random(boolean shared, RandomGenerator random) {
    MigrationMode mode = MigrationMode.values()[random.nextInt(MigrationMode.values().length)];
    Placement placement = shared && random.nextInt(3) > 0 ? Placement.CONTINUE : Placement.COPY;
    return new MigrationSetup(
        mode,
        placement,
        random.nextBoolean(),
        randomPrecopy(random),
        random.nextInt(4) == 0 ? Duration.ofMillis(1 + random.nextInt(200)) : NEVER,
        randomBandwidth(random),
        randomBandwidth(random),
        randomWire(random));
  }

  SourceSettings settings(InetSocketAddress destination) {
    return new SourceSettings(destination)
        .withMode(mode)
        .withPlacement(placement)
        .withPrecopy(precopy)
        .withBandwidth(bandwidth)
        .withWire(wire);
  }

  /** The same with other wire settings. */
  public MigrationSetup withWire(WireSettings newWire) {
    return new MigrationSetup(
        mode, placement, ownDirtyLog, precopy, switchNow, bandwidth, laterBandwidth, newWire);
  }

  private static WireSettings randomWire(RandomGenerator random) {
    CompressionMode[] modes = CompressionMode.values();
    return new WireSettings(
        modes[random.nextInt(modes.length)], random.nextInt(4) > 0, 1 + random.nextInt(4));
  }

  private static PrecopySettings randomPrecopy(RandomGenerator random) {
    PrecopySettings settings =
        PrecopySettings.DEFAULT.withDowntimeLimit(Duration.ofMillis(1 + random.nextInt(100)));
    return switch (random.nextInt(3)) {
      case 0 -> settings.withMaxRounds(1 + random.nextInt(4));
      case 1 ->
          settings
              .withMaxRounds(PrecopySettings.WHILE_CONVERGING)
              .withMaxTime(Duration.ofMillis(1 + random.nextInt(300)));
      default -> settings.withMaxRounds(PrecopySettings.WHILE_CONVERGING);
    };
  }

  private static long randomBandwidth(RandomGenerator random) {
    return random.nextBoolean()
        ? SourceSettings.UNLIMITED
        : random.nextLong(MIN_BANDWIDTH, MAX_BANDWIDTH);
  }
}
