package io.faultline.cli.output;

import io.faultline.cli.options.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Checks, before anything starts, that files can be created in a directory: by creating one, since
 * permissions do not reflect a full, read-only or special file system.
 */
public final class DirectoryCheck {
  /** A small file and its replacement. */
  private static final int PROBE_BYTES = 8 << 10;

  /** The results and messages of some processes. */
  private static final int SCRATCH_BYTES = 256 << 10;

  private DirectoryCheck() {}

  /**
   * Checks a directory that exists.
   *
   * @param option the option that names it
   * @throws UsageException if it cannot hold a small file
   */
  public static void require(String option, Path directory) {
    try {
      probe(directory, PROBE_BYTES);
    } catch (IOException e) {
      throw new UsageException(
          option + " " + directory + ": " + reason(e) + "; free some space, or name another");
    }
  }

  /**
   * Creates a directory for temporary files.
   *
   * @throws UsageException if it cannot be created, or has no room
   */
  public static Path createScratch(String prefix) {
    try {
      Path directory = Files.createTempDirectory(prefix);
      try {
        probe(directory, SCRATCH_BYTES);
        return directory;
      } catch (IOException e) {
        Files.delete(directory);
        throw e;
      }
    } catch (IOException e) {
      throw new UsageException(
          "the directory for temporary files, "
              + System.getProperty("java.io.tmpdir")
              + ": "
              + reason(e)
              + "; free some space, or name another:"
              + " FAULTLINE_JAVA_OPTS=-Djava.io.tmpdir=DIR");
    }
  }

  private static void probe(Path directory, int bytes) throws IOException {
    Path file = Files.createTempFile(directory, ".faultline-", ".tmp");
    try {
      Files.write(file, new byte[bytes]);
    } finally {
      Files.delete(file);
    }
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException
        ? "no file can be created there"
        : FileProblem.reason(e);
  }
}
