package io.faultline.cli.options;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Enums on the command line, by what their {@code toString} says. */
final class Named {
  private Named() {}

  /**
   * Reads one of the values.
   *
   * @throws IllegalArgumentException with those there are, for the user
   */
  static <E extends Enum<E>> E parse(Class<E> type, String text) {
    for (E value : type.getEnumConstants()) {
      if (value.toString().equals(text)) {
        return value;
      }
    }
    String all =
        Arrays.stream(type.getEnumConstants())
            .map(Enum::toString)
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException("'" + text + "' is none of: " + all);
  }
}
