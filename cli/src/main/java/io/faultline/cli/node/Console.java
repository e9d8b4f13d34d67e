package io.faultline.cli.node;

import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine;

/** Where a command talks to the person that started it. Thread-safe. */
final class Console {
  private final PrintWriter out;
  private final PrintWriter err;

  Console(CommandLine line) {
    this.out = line.getOut();
    this.err = line.getErr();
  }

  PrintWriter out() {
    return out;
  }

  /** A line of output, for programs too. */
  synchronized void print(String line) {
    out.println(line);
    out.flush();
  }

  /** Where a guest's console is shown, a line at a time; or nowhere. */
  Consumer<String> guestLines(boolean shown) {
    return shown ? this::print : line -> {};
  }

  /** A remark on standard error. */
  synchronized void say(String line) {
    err.println("faultline: " + line);
    err.flush();
  }
}
