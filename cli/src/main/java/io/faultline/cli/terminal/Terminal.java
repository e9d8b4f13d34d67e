package io.faultline.cli.terminal;

import java.io.Console;
import java.util.Map;

/** What the terminal behind the standard streams can show. */
public final class Terminal {
  private Terminal() {}

  /** Whether a person sits at both ends: standard input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // it does where a stream is redirected, by the API's word
  public static boolean isInteractive() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /**
   * Whether to write colours: on a terminal that has them, unless the user asked for none (see
   * no-color.org).
   */
  public static boolean hasColours() {
    return wantsColours(System.getenv()) && isInteractive();
  }

  static boolean wantsColours(Map<String, String> environment) {
    return environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "dumb").equals("dumb");
  }
}
