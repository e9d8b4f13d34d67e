package io.faultline.cli.terminal;

import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine;

/** What a command prints: output on standard output, messages on standard error. Thread-safe. */
public final class CommandOutput {
  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean quiet;

  /**
   * @param quiet whether to drop remarks
   */
  public CommandOutput(CommandLine line, boolean quiet) {
    this.out = line.getOut();
    this.err = line.getErr();
    this.quiet = quiet;
  }

  public PrintWriter out() {
    return out;
  }

  public boolean isQuiet() {
    return quiet;
  }

  /** Prints a line of output, which programs may read. */
  public synchronized void print(String line) {
    out.println(line);
    out.flush();
  }

  /** Returns what prints the lines of a guest's console, or drops them. */
  public Consumer<String> guestConsole(boolean shown) {
    return shown ? this::print : line -> {};
  }

  /** Prints a message on standard error. */
  public synchronized void message(String line) {
    err.println("faultline: " + line);
    err.flush();
  }

  /** Prints a message that is not an error, unless the command is quiet. */
  public void remark(String line) {
    if (!quiet) {
      message(line);
    }
  }
}
