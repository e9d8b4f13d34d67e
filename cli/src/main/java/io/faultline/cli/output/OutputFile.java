package io.faultline.cli.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** A file that is opened before anything starts, and written once, at the end. */
interface OutputFile extends AutoCloseable {
  /**
   * Opens a file; an earlier one keeps its contents until the new one is written.
   *
   * @throws IOException if it cannot be written
   */
  static OutputFile open(Path given) throws IOException {
    OutputPath to = OutputPath.of(given);
    Path path = to.path();
    return switch (to.kind()) {
      case STREAM -> OpenedStream.open(path);
      case MISSING -> ReplacedFile.create(path);
      case FILE ->
          Files.isWritable(Objects.requireNonNull(path.getParent(), "directory"))
              ? ReplacedFile.replace(path)
              : OpenedStream.openFile(path);
    };
  }

  /** Writes the whole contents, which are complete when this returns. */
  void write(byte[] contents) throws IOException;

  /** Removes what was created, unless the contents have been written. Any thread may call this. */
  @Override
  void close();
}
