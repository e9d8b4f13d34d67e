package io.faultline.restore.outcome;

import io.faultline.uffd.linux.process.DescriptorHolder;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an earlier daemon has told about its origin, for one that takes over.
 *
 * @param state of {@link io.faultline.restore.origin.SourceReceiver#resumable}
 * @param connection a duplicate of {@link io.faultline.restore.origin.SourceReceiver#connected},
 *     which the caller owns
 * @param leaseNanos how long the source keeps its processes, {@link Long#MAX_VALUE} for ever
 * @param isOwned whether the restored processes are the only ones
 */
public record HeldOrigin(
    Optional<byte[]> state, OptionalInt connection, long leaseNanos, boolean isOwned) {
  private static final String REQUESTS = "requests";

  /** The file in which an origin may keep what it has asked for. */
  public static Path requests(Path workDirectory) {
    return StateDirectory.of(workDirectory).path().resolve(REQUESTS);
  }

  /**
   * Reads it.
   *
   * @throws IOException if it cannot be read
   */
  public static HeldOrigin read(Path workDirectory) throws IOException {
    SourceFiles files = new SourceFiles(StateDirectory.of(workDirectory).path());
    try (PidFd holder = files.connection()) {
      return new HeldOrigin(
          files.origin(),
          holder == null
              ? OptionalInt.empty()
              : holder.duplicate(DescriptorHolder.FIRST_DESCRIPTOR),
          files.leaseNanos(),
          files.isOwned());
    }
  }
}
