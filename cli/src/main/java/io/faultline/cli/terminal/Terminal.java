package io.faultline.cli.terminal;

import java.io.Console;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

  /**
   * The width of the terminal in columns. Starts a process to find out, which takes milliseconds.
   *
   * @param otherwise the width if standard output is not a terminal, or its width is not known
   */
  public static int columns(int otherwise) {
    if (!isInteractive()) {
      return otherwise;
    }
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(Redirect.INHERIT)
              .redirectError(Redirect.DISCARD)
              .start();
      return parseColumns(stty.inputReader().readLine(), otherwise);
    } catch (IOException e) {
      return otherwise;
    }
  }

  /**
   * @param rowsAndColumns such as {@code 24 80}; 0 for unknown, as on a serial console
   */
  static int parseColumns(@Nullable String rowsAndColumns, int otherwise) {
    if (rowsAndColumns == null || !rowsAndColumns.matches("\\d{1,5} \\d{1,5}")) {
      return otherwise;
    }
    int columns = Integer.parseInt(rowsAndColumns.substring(rowsAndColumns.indexOf(' ') + 1));
    return columns == 0 ? otherwise : columns;
  }

  static boolean wantsColours(Map<String, String> environment) {
    return environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "dumb").equals("dumb");
  }
}
