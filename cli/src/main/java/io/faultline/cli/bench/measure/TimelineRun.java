package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A migration of one vCPU whose faults are recorded. It runs once per round, for all cases of the
 * timeline. Not thread-safe.
 */
public final class TimelineRun {
  private static final int NONE = -1;

  private final MigrationCase migration;
  private int round = NONE;
  private @Nullable FaultTimeline timeline;

  public TimelineRun(MigrationCase migration) {
    this.migration = migration;
  }

  /** The migration without recording. */
  MigrationCase migration() {
    return migration;
  }

  /** The timeline of a round; runs the migration if that round has not run yet. */
  FaultTimeline of(int wanted) throws IOException, InterruptedException, CannotRunException {
    FaultTimeline known = timeline;
    if (known == null || round != wanted) {
      known = record(wanted);
      timeline = known;
      round = wanted;
    }
    return known;
  }

  private FaultTimeline record(int number)
      throws IOException, InterruptedException, CannotRunException {
    Path scratch = migration.environment().scratch();
    Path directory = Files.createTempDirectory(scratch, "timeline");
    try {
      migration.withJvmOptions(TimelineRecordings.options(directory)).run(number);
      return TimelineRecordings.read(directory);
    } finally {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }
}
