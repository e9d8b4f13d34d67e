package io.faultline.cli.criu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * CRIU's configuration files: an option on each line, without dashes, its value after a space, in
 * quotes where it has spaces; {@code #} starts a comment. Later files and the command line win.
 */
final class CriuConfiguration {
  private static final Path SYSTEM = Path.of("/etc/criu/default.conf");
  private static final String OF_USER = ".criu/default.conf";
  private static final String VARIABLE = "CRIU_CONFIG_FILE";
  private static final String FILE = "--config";
  private static final String NO_DEFAULTS = "--no-default-config";

  private final Map<String, String> environment;

  CriuConfiguration(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * The options of the files, then the arguments.
   *
   * @throws IOException if a file that the user named cannot be read
   */
  List<String> with(List<String> arguments) throws IOException {
    List<String> all = new ArrayList<>();
    if (!arguments.contains(NO_DEFAULTS)) {
      addIfPresent(all, SYSTEM);
      String home = environment.getOrDefault("HOME", "");
      if (!home.isEmpty()) {
        addIfPresent(all, Path.of(home, OF_USER));
      }
    }
    String named = environment.getOrDefault(VARIABLE, "");
    if (!named.isEmpty()) {
      add(all, VARIABLE, Path.of(named));
    }
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.startsWith(FILE + "=")) {
        add(all, FILE, Path.of(argument.substring(FILE.length() + 1)));
      } else if (argument.equals(FILE) && i + 1 < arguments.size()) {
        add(all, FILE, Path.of(arguments.get(i + 1)));
      }
    }
    all.addAll(arguments);
    return all;
  }

  private static void addIfPresent(List<String> to, Path file) throws IOException {
    if (Files.isReadable(file)) {
      add(to, "CRIU's default configuration", file);
    }
  }

  private static void add(List<String> to, String origin, Path file) throws IOException {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new IOException(origin + ": " + file + " cannot be read");
    }
    for (String line : Files.readAllLines(file)) {
      addLine(to, line);
    }
  }

  /** Adds the option of a line, if it has one. */
  static void addLine(List<String> to, String line) {
    String text = withoutComment(line).strip();
    if (text.isEmpty()) {
      return;
    }
    String[] parts = text.split("\\s+", 2);
    String value = parts.length == 1 ? "" : parts[1];
    if (value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")) {
      value = value.substring(1, value.length() - 1).replace("\\\"", "\"");
    }
    to.add("--" + parts[0] + (parts.length == 1 ? "" : "=" + value));
  }

  private static String withoutComment(String line) {
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char each = line.charAt(i);
      if (each == '"' && (i == 0 || line.charAt(i - 1) != '\\')) {
        quoted = !quoted;
      } else if (each == '#' && !quoted) {
        return line.substring(0, i);
      }
    }
    return line;
  }
}
