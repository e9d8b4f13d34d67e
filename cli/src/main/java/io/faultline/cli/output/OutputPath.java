package io.faultline.cli.output;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Where a path leads, through symbolic links.
 *
 * @param path the file itself, which need not exist; its directory exists
 * @param kind what is there
 */
record OutputPath(Path path, Kind kind) {
  /** As many as Linux follows (path_resolution(7)). */
  private static final int MAX_LINKS = 40;

  /** Its links lead to open files, which need not have a name. */
  private static final Path PROC = Path.of("/proc");

  enum Kind {
    MISSING,
    FILE,
    /** A device, a FIFO, or a descriptor of a process. */
    STREAM
  }

  /**
   * Follows a path.
   *
   * @throws IOException if no file can be there
   */
  static OutputPath of(Path given) throws IOException {
    Path at = given.toAbsolutePath();
    for (int links = 0; links < MAX_LINKS; links++) {
      at = inRealDirectory(at);
      if (at.startsWith(PROC)) {
        return new OutputPath(at, Kind.STREAM);
      }
      if (!Files.isSymbolicLink(at)) {
        return new OutputPath(at, kindOf(at));
      }
      at = at.resolveSibling(Files.readSymbolicLink(at));
    }
    throw new FileSystemException(given.toString(), null, "too many symbolic links");
  }

  private static Path inRealDirectory(Path path) throws IOException {
    Path name = path.getFileName();
    Path directory = path.getParent();
    if (name == null || directory == null) {
      throw isDirectory(path);
    }
    Path real;
    try {
      real = directory.toRealPath();
    } catch (NoSuchFileException e) {
      throw new NoSuchFileException(directory.toString());
    }
    if (!Files.isDirectory(real)) {
      throw new NotDirectoryException(directory.toString());
    }
    return real.resolve(name);
  }

  private static Kind kindOf(Path path) throws IOException {
    BasicFileAttributes there = attributes(path);
    if (there == null) {
      return Kind.MISSING;
    }
    if (there.isDirectory()) {
      throw isDirectory(path);
    }
    return there.isRegularFile() ? Kind.FILE : Kind.STREAM;
  }

  private static @Nullable BasicFileAttributes attributes(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private static FileSystemException isDirectory(Path path) {
    return new FileSystemException(path.toString(), null, FileProblem.IS_DIRECTORY);
  }
}
