package io.faultline.cli.criu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * The directories of a command, as absolute paths. CRIU changes to the work directory, so that all
 * other paths are relative to it.
 *
 * @param images of {@code --images-dir}
 * @param work of {@code --work-dir}
 */
public record Directories(Path images, Path work) {
  /**
   * Checks that both exist.
   *
   * @throws IOException if one does not; the message is for the user
   */
  static Directories check(Path images, Path work) throws IOException {
    return new Directories(require("--images-dir", images), require("--work-dir", work));
  }

  private static Path require(String option, Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new IOException(option + " " + path + ": there is no such directory");
    }
    if (!Files.isDirectory(path)) {
      throw new NotDirectoryException(option + " " + path + ": is not a directory");
    }
    return path.toAbsolutePath();
  }

  /** A path of another option. */
  public Path resolve(Path path) {
    return work.resolve(path);
  }
}
