package io.faultline.cli.output;

import io.faultline.cli.status.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file for a result that cannot be written where the user wants it. */
final class SpareFile {
  private SpareFile() {}

  /**
   * Writes a new file in the directory for temporary files, else in that for status files.
   *
   * @param state the user's directory for status files; null for the default one
   * @param suffix such as {@code .json}
   * @throws IOException if neither is possible
   */
  static Path write(byte[] contents, String suffix, @Nullable Path state) throws IOException {
    try {
      return create(contents, suffix, Path.of(System.getProperty("java.io.tmpdir")));
    } catch (IOException e) {
      return create(contents, suffix, StateDirectory.of(state));
    }
  }

  private static Path create(byte[] contents, String suffix, Path directory) throws IOException {
    Path file = Files.createTempFile(directory, "faultline-", suffix);
    try {
      return Files.write(file, contents);
    } catch (IOException e) {
      Files.delete(file);
      throw e;
    }
  }
}
