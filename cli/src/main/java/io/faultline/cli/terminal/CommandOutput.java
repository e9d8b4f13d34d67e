package io.faultline.cli.terminal;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.Consumer;
import picocli.CommandLine;

/**
 * What a command prints: output on standard output, messages on standard error. Any thread may
 * print lines and messages, also event loops and vCPUs: they never wait for a reader. Only the
 * summary at the end does.
 */
public final class CommandOutput implements AutoCloseable {
  private static final Duration AT_END = Duration.ofSeconds(2);

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean quiet;
  private final BackgroundWriter lines =
      new BackgroundWriter(
          "standard-output", count -> message(dropNotice(count, "standard output")));

  /**
   * @param quiet whether to drop remarks
   */
  public CommandOutput(CommandLine line, boolean quiet) {
    this.out = line.getOut();
    this.err = line.getErr();
    this.quiet = quiet;
  }

  /** For the summary, after all lines. Printing may block as long as nothing reads it. */
  public PrintWriter out() {
    lines.awaitWritten(AT_END);
    return out;
  }

  public boolean isQuiet() {
    return quiet;
  }

  /** Prints a line of output, which programs may read. */
  public void print(String line) {
    lines.offer(
        () -> {
          out.println(line);
          out.flush();
        });
  }

  /** Returns what prints the lines of a guest's console, or drops them. */
  public Consumer<String> guestConsole(boolean shown) {
    return shown ? this::print : line -> {};
  }

  /** Prints a message on standard error. */
  public void message(String line) {
    err.print("faultline: " + line + System.lineSeparator());
    err.flush();
  }

  /** Prints a message that is not an error, unless the command is quiet. */
  public void remark(String line) {
    if (!quiet) {
      message(line);
    }
  }

  /** Waits a moment until what was printed so far is written, as before the process ends. */
  public void awaitPrinted() {
    lines.awaitWritten(AT_END);
    ErrorStream.awaitWritten();
  }

  @Override
  public void close() {
    lines.awaitWritten(AT_END);
  }

  /** A message on what was not printed. */
  static String dropNotice(long count, String stream) {
    return count + " lines were not printed, because nothing read " + stream;
  }
}
