package io.faultline.qemu.vm;

import io.faultline.memory.Placement;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.source.MigrationMode;
import io.faultline.source.PrecopySettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.WireSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * One migration of a random sequence.
 *
 * @param disturbance what happens before RUN
 * @param cancelAfter after its start; only if it is cancelled
 */
record RandomMigration(
    MigrationMode mode,
    Placement placement,
    CompressionMode compression,
    boolean checksums,
    int channels,
    long bytesPerSecond,
    Disturbance disturbance,
    Duration cancelAfter) {
  private static final int MAX_CHANNELS = 4;
  private static final long SLOW_BYTES_PER_SECOND = 32L << 20;
  private static final int LONGEST_BEFORE_CANCEL_MILLIS = 120;

  enum Disturbance {
    NONE,
    /** At any moment; it may come too late. */
    CANCEL,
    /** The machine at the destination has another CPU, which the nodes see. */
    OTHER_MACHINE,
    /** A device is missing at the destination, which QEMU sees when it loads the state. */
    MISSING_DEVICE
  }

  static RandomMigration of(SplittableRandom random) {
    return new RandomMigration(
        any(random, MigrationMode.values()),
        any(random, Placement.COPY, Placement.CONTINUE),
        any(random, CompressionMode.values()),
        random.nextBoolean(),
        random.nextInt(1, MAX_CHANNELS + 1),
        any(random, SLOW_BYTES_PER_SECOND, SourceSettings.UNLIMITED),
        any(
            random,
            Disturbance.NONE,
            Disturbance.NONE,
            Disturbance.NONE,
            Disturbance.CANCEL,
            Disturbance.CANCEL,
            Disturbance.OTHER_MACHINE,
            Disturbance.MISSING_DEVICE),
        Duration.ofMillis(random.nextInt(LONGEST_BEFORE_CANCEL_MILLIS)));
  }

  SourceSettings settings(InetSocketAddress destination) {
    return new SourceSettings(destination)
        .withMode(mode)
        .withPlacement(placement)
        .withPrecopy(PrecopySettings.DEFAULT.withMaxRounds(2))
        .withWire(new WireSettings(compression, checksums, channels))
        .withBandwidth(bytesPerSecond);
  }

  @SafeVarargs
  private static <T> T any(SplittableRandom random, T... values) {
    return values[random.nextInt(values.length)];
  }
}
