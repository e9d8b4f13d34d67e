package io.faultline.restore.image;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The images of the dump before one that is being written. Immutable, thread-safe. */
public final class ParentImages {
  private final Path directory;

  private ParentImages(Path directory) {
    this.directory = directory;
  }

  /**
   * Those to which the link {@value ImageDirectory#PARENT} in a directory leads, if there are any.
   */
  public static ParentImages of(Path directory) {
    return new ParentImages(directory.resolve(ImageDirectory.PARENT));
  }

  /** Whether there is a pagemap of this file name. */
  public boolean has(String name) {
    return Files.exists(directory.resolve(name));
  }

  /** The pagemap of a file name; null if there is none. */
  public @Nullable Pagemap pagemap(String name) throws ImageException {
    return has(name) ? PagemapReader.read(directory.resolve(name)) : null;
  }
}
