package io.faultline.cli.options;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Parses enum constants by the names that their {@code toString} returns. */
final class Named {
  private Named() {}

  /**
   * Parses a constant.
   *
   * @throws IllegalArgumentException if it is none; the message lists all of them
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
    throw new IllegalArgumentException("'" + text + "' is not one of: " + all);
  }
}
