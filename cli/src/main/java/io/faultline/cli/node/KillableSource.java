package io.faultline.cli.node;

import io.faultline.cli.options.UsageException;
import io.faultline.memory.Backing;
import io.faultline.source.journal.Journals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The demo's source where its memory is in a named file: it can be killed and taken up again, and
 * nothing of it is left behind the demo. Closing removes the files.
 */
final class KillableSource implements AutoCloseable {
  private final Path memory;
  private final Path journals;
  private final Thread hook = new Thread(this::removeAtExit, "remove-memory-files");

  private KillableSource(Path memory, Path journals) {
    this.memory = memory;
    this.journals = journals;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * By what memory is made of; null where it ends with its process.
   *
   * @param scratch gets the journal
   * @throws UsageException where the file is there before: the demo would remove it
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
              + " is there already, and the demo would overwrite and remove it; remove it first,"
              + " or choose another name");
    }
    return new KillableSource(memory, scratch);
  }

  /** What the first source is told. */
  List<String> arguments() {
    return List.of("--journal=" + journals);
  }

  /**
   * What the next source is told, behind one that was killed.
   *
   * @param more that each source is told
   */
  List<String> revive(List<String> more) throws IOException {
    List<Path> found = new Journals(journals).files();
    if (found.isEmpty()) {
      throw new IOException("the source was killed and left no journal in " + journals);
    }
    String name = String.valueOf(found.getFirst().getFileName());
    List<String> arguments = new ArrayList<>(more);
    arguments.add("--resume=" + name.substring(0, name.indexOf('.')));
    arguments.addAll(arguments());
    return arguments;
  }

  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the process is ending: the hook does it
    }
    remove();
  }

  private void removeAtExit() {
    try {
      remove();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is nobody to tell but the JVM
    }
  }

  /** RAM, and what else the VM has beside it, such as {@code PATH.low}. */
  private void remove() throws IOException {
    for (String part : List.of("", ".low", ".rom")) {
      Files.deleteIfExists(memory.resolveSibling(memory.getFileName() + part));
    }
  }
}
