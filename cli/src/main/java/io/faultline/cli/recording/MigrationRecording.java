package io.faultline.cli.recording;

import org.jspecify.annotations.Nullable;

/**
 * What one side or both sides recorded of a migration. If both are present, they ran on the same
 * machine, so that their times are of the same clock.
 *
 * @param source what the source recorded; null if it is not known
 * @param destination what the destination recorded; null if it is not known
 */
public record MigrationRecording(
    @Nullable SourceSide source, @Nullable DestinationSide destination) {
  /** Both sides of a migration on one machine. */
  public MigrationRecording plus(MigrationRecording other) {
    return new MigrationRecording(
        source == null ? other.source : source,
        destination == null ? other.destination : destination);
  }
}
