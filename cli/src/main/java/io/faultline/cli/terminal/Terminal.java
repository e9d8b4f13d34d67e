package io.faultline.cli.terminal;

import java.io.Console;
import java.util.Map;

/** What the terminal of this process can show. */
public final class Terminal {
  private Terminal() {}

  /** Whether standard input and standard output are both a terminal. */
  @SuppressWarnings("SystemConsoleNull") // documented to be null where a stream is redirected
  public static boolean isInteractive() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /**
   * Whether to print colours: on a terminal that has them, unless NO_COLOR is set (no-color.org).
   */
  public static boolean hasColours() {
    return wantsColours(System.getenv()) && isInteractive();
  }

  static boolean wantsColours(Map<String, String> environment) {
    return environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "dumb").equals("dumb");
  }
}
