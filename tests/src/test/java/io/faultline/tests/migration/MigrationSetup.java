package io.faultline.tests.migration;

import io.faultline.memory.Placement;
import io.faultline.source.MigrationMode;
import io.faultline.source.PrecopySettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.WireSettings;
import io.faultline.source.compression.CompressionMode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How a VM is migrated.
 *
 * @param ownDirtyLog whether the VM tells what it writes, and not write protection
 * @param switchNow when somebody asks for the switchover; null for never
 * @param bandwidth in bytes per second, from the start on
 * @param laterBandwidth from some time on
 * @param wire how pages travel
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
  /** For {@code switchNow}: never. */
  public static final Duration NEVER = Duration.ZERO;

  private static final long SLOWEST = 20L << 20;
  private static final long FASTEST = 400L << 20;

  /** Without limits. */
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

  /** Anything that makes sense. */
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

  /** The same, but for how pages travel. */
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
    return random.nextBoolean() ? SourceSettings.UNLIMITED : random.nextLong(SLOWEST, FASTEST);
  }
}
