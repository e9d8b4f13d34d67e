package io.faultline.cli.output;

import io.faultline.cli.options.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory for the files of one run, deleted at its end, also after Ctrl-C and SIGTERM. */
public final class ScratchDirectory implements AutoCloseable {
  private static final int ATTEMPTS = 20;
  private static final long PAUSE_MILLIS = 50;

  private final Path directory;
  private final Thread hook = new Thread(this::deleteAtExit, "delete-scratch");

  /**
   * Creates it.
   *
   * @param prefix of its name
   * @throws UsageException if there is no room, or it may not be created
   */
  public ScratchDirectory(String prefix) {
    this(DirectoryCheck.createScratch(prefix));
  }

  private ScratchDirectory(Path directory) {
    this.directory = directory;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Creates one in a directory that the user chose.
   *
   * @throws IOException if it may not be created there
   */
  public static ScratchDirectory in(Path parent, String prefix) throws IOException {
    return new ScratchDirectory(Files.createTempDirectory(parent, prefix));
  }

  /** Where it is. */
  public Path directory() {
    return directory;
  }

  /**
   * Deletes the directory.
   *
   * @throws UncheckedIOException if a file cannot be deleted
   */
  @Override
  public void close() {
    delete();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the JVM is exiting: the hook is running or has run
    }
  }

  /** Children that are killed by other hooks may write files at the same time. */
  private void deleteAtExit() {
    for (int i = 1; ; i++) {
      try {
        delete();
        return;
      } catch (UncheckedIOException e) {
        if (i == ATTEMPTS) {
          throw e; // for the JVM's handler of uncaught exceptions
        }
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        return; // nobody interrupts a hook
      }
    }
  }

  private synchronized void delete() {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(directory)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path each : deepestFirst) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(directory + " cannot be deleted", e);
    }
  }
}
