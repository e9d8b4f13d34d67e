package io.faultline.cli.demo;

import io.faultline.cli.options.UsageException;
import io.faultline.memory.Backing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The demo's source with its memory in a named file, so that it can be killed and resumed. Closing,
 * and the end of this JVM, remove the memory files.
 */
final class KillableSource implements AutoCloseable {
  private final Path memory;
  private final DemoJournal journal;
  private final Thread hook = new Thread(this::removeAtExit, "remove-memory-files");

  private KillableSource(Path memory, DemoJournal journal) {
    this.memory = memory;
    this.journal = journal;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Returns null unless the backing is a file.
   *
   * @param scratch the directory for the journal
   * @throws UsageException if the file exists, since the demo would overwrite and remove it
   */
  static @Nullable KillableSource of(Backing backing, Path scratch) {
    Path memory = backing.path();
    if (memory == null) {
      return null;
    }
    if (Files.exists(memory)) {
      throw new UsageException(
          "--backing: "
              + memory
              + " already exists, and the demo would overwrite and remove it; remove it, or choose"
              + " another name");
    }
    return new KillableSource(memory, new DemoJournal(scratch));
  }

  /** By which a killed source is replaced. */
  DemoJournal journal() {
    return journal;
  }

  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the JVM is shutting down: the hook removes the files
    }
    remove();
  }

  private void removeAtExit() {
    try {
      remove();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // for the JVM's handler of uncaught exceptions
    }
  }

  /** Removes the RAM, and the VM's other memory next to it, such as {@code PATH.low}. */
  private void remove() throws IOException {
    for (String part : List.of("", ".low", ".rom")) {
      Files.deleteIfExists(memory.resolveSibling(memory.getFileName() + part));
    }
  }
}
