package io.faultline.cli.bench;

import io.faultline.cli.bench.BenchCase.CannotRunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A migration of one vCPU whose faults are recorded: once a round, for all parts. For one thread.
 */
final class TimelineRun {
  private static final int NONE = -1;

  private final MigrationCase migration;
  private int round = NONE;
  private @Nullable Timeline timeline;

  TimelineRun(MigrationCase migration) {
    this.migration = migration;
  }

  /** What the case is, without what is recorded. */
  MigrationCase migration() {
    return migration;
  }

  /** The timeline of a round, which is run where it has not been yet. */
  Timeline of(int wanted) throws IOException, InterruptedException, CannotRunException {
    Timeline known = timeline;
    if (known == null || round != wanted) {
      known = record(wanted);
      timeline = known;
      round = wanted;
    }
    return known;
  }

  private Timeline record(int number) throws IOException, InterruptedException, CannotRunException {
    Path scratch = migration.environment().scratch();
    Path directory = Files.createTempDirectory(scratch, "timeline");
    try {
      migration.with(TimelineFiles.options(directory)).run(number);
      return TimelineFiles.read(directory);
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
