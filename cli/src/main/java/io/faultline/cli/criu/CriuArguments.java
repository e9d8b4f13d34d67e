package io.faultline.cli.criu;

import io.faultline.cli.criu.CriuOption.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads arguments as CRIU does (getopt_long): letters in one word, attached values, long names cut
 * short, {@code --no-NAME}; and writes them as {@code --name} or {@code --name=value}. Options of
 * CRIU that do not concern the command are left out; so are unknown ones, with a warning.
 */
final class CriuArguments {
  /** Another name of the option daemon. */
  private static final String DETACHED = "restore-detached";

  private static final String VERBOSITY = "verbosity";

  /**
   * CRIU frees each page of an image once it is delivered, or is in a later image. Here images stay
   * whole: a restore that fails can be tried again.
   */
  private static final String DEDUPLICATION = "auto-dedup";

  private final Map<String, CriuOption> known;
  private final Map<String, CriuOption> own;
  private final Consumer<String> warnings;
  private final Deque<String> rest = new ArrayDeque<>();
  private final List<String> result = new ArrayList<>();
  private int verbosity;

  /**
   * @param own the command's options, by name
   * @param warnings receives a line for each unknown option
   */
  CriuArguments(Map<String, CriuOption> own, Consumer<String> warnings) {
    this.own = own;
    this.warnings = warnings;
    known = CriuOption.all();
    known.putAll(own);
    known.put(DETACHED, known.getOrDefault("daemon", new CriuOption(DETACHED, Value.NONE)));
  }

  /**
   * Translates the arguments after the command's name.
   *
   * @throws IllegalArgumentException if a value is missing, or given to an option without one; the
   *     message is for the user
   */
  List<String> translate(List<String> arguments) {
    rest.addAll(arguments);
    while (!rest.isEmpty()) {
      String argument = rest.remove();
      if (argument.equals("--")) {
        result.addAll(rest);
        rest.clear();
      } else if (argument.startsWith("--")) {
        translateLong(argument);
      } else if (argument.startsWith("-") && argument.length() > 1) {
        translateLetters(argument.substring(1));
      } else {
        result.add(argument);
      }
    }
    return result;
  }

  private void translateLong(String argument) {
    int equals = argument.indexOf('=');
    String name = argument.substring(2, equals < 0 ? argument.length() : equals);
    String value = equals < 0 ? null : argument.substring(equals + 1);
    CriuOption option = find(name);
    if (option != null) {
      add(option, "--" + name, value);
      return;
    }
    CriuOption negated = name.startsWith("no-") ? find(name.substring(3)) : null;
    if (negated != null && negated.value() == Value.NONE) {
      result.removeIf(("--" + negated.name())::equals);
      return;
    }
    warnings.accept("unknown option '--" + name + "', ignored");
    skipValue(value);
  }

  private @Nullable CriuOption find(String name) {
    CriuOption exact = known.get(name);
    if (exact != null) {
      return exact;
    }
    List<CriuOption> longer =
        known.values().stream().filter(each -> each.name().startsWith(name)).toList();
    return longer.size() == 1 ? longer.getFirst() : null;
  }

  /** The value of an unknown option: nothing else that is no option may follow a command. */
  private void skipValue(@Nullable String attached) {
    String next = rest.peek();
    if (attached == null && next != null && !next.startsWith("-")) {
      rest.remove();
    }
  }

  private void translateLetters(String letters) {
    for (int i = 0; i < letters.length(); i++) {
      String shown = "-" + letters.charAt(i);
      CriuOption option = known.get(CriuOption.nameOf(letters.charAt(i)));
      if (option == null) {
        warnings.accept("unknown option '" + shown + "', ignored");
        if (i == letters.length() - 1) {
          skipValue(null);
        }
      } else if (option.value() == Value.NONE) {
        add(option, shown, null);
      } else {
        String attached = letters.substring(i + 1);
        add(option, shown, attached.isEmpty() ? null : attached);
        return;
      }
    }
  }

  /** {@code -v -v}, {@code -vv} and {@code -v2} are the same. */
  private String verbosity(@Nullable String value) {
    if (value != null && !value.matches("v*")) {
      return value;
    }
    verbosity += 1 + (value == null ? 0 : value.length());
    return String.valueOf(verbosity);
  }

  private void add(CriuOption option, String shown, @Nullable String attached) {
    String value = attached;
    if (option.value() == Value.NONE && value != null) {
      throw new IllegalArgumentException(
          "option " + shown + " takes no value, but has '" + value + "'");
    }
    if (option.value() == Value.REQUIRED && value == null) {
      value = rest.poll();
      if (value == null) {
        throw new IllegalArgumentException("option " + shown + " needs a value");
      }
    }
    if (option.name().equals(DEDUPLICATION)) {
      warnings.accept("--auto-dedup is ignored: the images keep their size");
    }
    if (own.containsKey(option.name())) {
      String name = "--" + option.name();
      result.removeIf(earlier -> earlier.equals(name) || earlier.startsWith(name + "="));
      String last = option.name().equals(VERBOSITY) ? verbosity(value) : value;
      result.add(name + (last == null ? "" : "=" + last));
    }
  }
}
