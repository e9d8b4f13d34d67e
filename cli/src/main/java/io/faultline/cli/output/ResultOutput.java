package io.faultline.cli.output;

import io.faultline.cli.options.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/**
 * The files that a command writes at its end. Open this before anything starts, so that a path that
 * cannot be written costs nothing; close it when they are written, or will not be. Ctrl-C closes
 * it, too. Not thread-safe.
 */
public final class ResultOutput implements AutoCloseable {
  /** The exit code of a command that did all it should, but had to write a file elsewhere. */
  public static final int WRITTEN_ELSEWHERE = 3;

  /** Longer contents are not printed on standard error, where they would hide the messages. */
  private static final int MAX_PRINTED = 64 << 10;

  /** An open file, and the option that named it. */
  private record Named(String option, Path path, OutputFile file) {
    boolean is(String other) {
      return option.equals(other);
    }

    @Override
    public String toString() {
      return option + " " + path;
    }
  }

  private final List<Named> files = new CopyOnWriteArrayList<>();
  private final Consumer<String> messages;
  private final @Nullable Path stateDirectory;
  private final Thread hook = new Thread(this::closeFiles, "remove-temporary-outputs");
  private boolean elsewhere;

  /**
   * @param messages receives a message for each file that is written elsewhere
   * @param stateDirectory the user's directory for status files; null for the default one
   */
  public ResultOutput(Consumer<String> messages, @Nullable Path stateDirectory) {
    this.messages = messages;
    this.stateDirectory = stateDirectory;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Opens a file.
   *
   * @param option the option that names it, such as {@code --json}
   * @param path null if the user did not give the option
   * @throws UsageException if the file cannot be written; then this is closed
   */
  public void open(String option, @Nullable Path path) {
    if (path == null) {
      return;
    }
    for (Named other : files) {
      if (isSame(other.path, path)) {
        throw refuse(option, path, other.option + " names the same file; name another");
      }
    }
    try {
      files.add(new Named(option, path, OutputFile.open(path)));
    } catch (IOException e) {
      throw refuse(option, path, FileProblem.reasonAndRemedy(e));
    }
  }

  private UsageException refuse(String option, Path path, String reason) {
    close();
    throw new UsageException(option + " " + path + ": " + reason);
  }

  private static boolean isSame(Path one, Path other) {
    return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
  }

  /**
   * Writes the file of an option, if the user gave that option. If that fails, the contents go to a
   * temporary file, else to standard error, and the messages say so.
   */
  public void write(String option, Supplier<String> contents) {
    files.stream().filter(each -> each.is(option)).forEach(each -> write(each, contents.get()));
  }

  private void write(Named to, String contents) {
    byte[] bytes = contents.getBytes(StandardCharsets.UTF_8);
    try {
      to.file.write(bytes);
    } catch (IOException e) {
      elsewhere = true;
      messages.accept(
          to + " cannot be written: " + FileProblem.reason(e) + "; " + writeElsewhere(to, bytes));
    }
  }

  private String writeElsewhere(Named to, byte[] contents) {
    try {
      return "it is in "
          + SpareFile.write(contents, "." + to.option.replace("-", ""), stateDirectory)
          + " instead";
    } catch (IOException | UsageException e) {
      String none = "nor can a temporary file";
      return contents.length > MAX_PRINTED
          ? none + ": it is lost"
          : none + ": here it is\n" + new String(contents, StandardCharsets.UTF_8).strip();
    }
  }

  /**
   * The exit code of the command.
   *
   * @param otherwise the exit code if each file is where the user wants it
   */
  public int exitCode(int otherwise) {
    return otherwise == ExitCode.OK && elsewhere ? WRITTEN_ELSEWHERE : otherwise;
  }

  /** Removes what was created for files that were not written. */
  @Override
  public void close() {
    closeFiles();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending: the hook runs or has run
    }
  }

  private void closeFiles() {
    files.forEach(each -> each.file.close());
  }
}
