package io.faultline.cli.status;

import io.faultline.cli.options.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files with which another process takes over the migration of a destination that was killed.
 *
 * @param migration the id, 32 digits
 * @param record what does not change during the migration
 * @param state what does
 */
public record TakeOverFiles(String migration, Path record, Path state) {
  private static final String RECORD = ".takeover";
  private static final String STATE = ".pages";

  /** Those of a migration, whether they exist or not. */
  public static TakeOverFiles of(Path directory, String migration) {
    return new TakeOverFiles(
        migration, directory.resolve(migration + RECORD), directory.resolve(migration + STATE));
  }

  /**
   * Finds the files of one migration.
   *
   * @param digits the first digits of its id
   * @throws UsageException if there is none, or several
   */
  public static TakeOverFiles find(Path directory, String digits) throws IOException {
    List<String> found =
        migrations(directory).stream().filter(id -> id.startsWith(digits)).toList();
    if (found.isEmpty()) {
      throw new UsageException(
          "--take-over "
              + digits
              + ": no destination of such a migration has left its files in "
              + directory
              + "; name another directory with --state");
    }
    if (found.size() > 1) {
      throw new UsageException("--take-over " + digits + ": give more digits of one of " + found);
    }
    return of(directory, found.getFirst());
  }

  /** All that are in a directory, sorted by the id of the migration. */
  static List<TakeOverFiles> in(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    return migrations(directory).stream().map(id -> of(directory, id)).toList();
  }

  private static List<String> migrations(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(each -> String.valueOf(each.getFileName()))
          .filter(name -> name.endsWith(RECORD))
          .map(name -> name.substring(0, name.length() - RECORD.length()))
          .sorted()
          .toList();
    }
  }

  /** A record that is being written, and is complete once it has the name of {@link #record}. */
  public Path newRecord() {
    return record.resolveSibling(record.getFileName() + ".new");
  }

  /** Whether there is something to take over. */
  public boolean exist() {
    return Files.exists(record) && Files.exists(state);
  }

  /** The command that takes the migration over, for the user. */
  public String command() {
    return "faultline dest --take-over "
        + migration
        + " --state "
        + record.toAbsolutePath().getParent();
  }

  /** Deletes them: nothing can be taken over any more. */
  public void delete() throws IOException {
    Files.deleteIfExists(record);
    Files.deleteIfExists(newRecord());
    Files.deleteIfExists(state);
  }
}
