package io.faultline.pager;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads members of the JSON objects that clients send. Each method takes the name of the object for
 * the message of a refusal, and throws a {@link RefusedException} if the value is impossible.
 */
final class JsonFields {
  private static final JsonMapper MAPPER = JsonMapper.shared();
  private static final int MAX_QUOTED = 40;

  private JsonFields() {}

  static JsonNode read(String line) throws RefusedException {
    try {
      return MAPPER.readTree(line);
    } catch (JacksonException e) {
      throw new RefusedException("not JSON: " + e.getOriginalMessage());
    }
  }

  static void requireObject(JsonNode node, String name) throws RefusedException {
    if (!node.isObject()) {
      throw new RefusedException(name + " is no JSON object");
    }
  }

  /** Refuses members that mean nothing here: what the client wants by them would be missing. */
  static void requireKnown(JsonNode node, Set<String> known, String name) throws RefusedException {
    for (String key : node.propertyNames()) {
      if (!known.contains(key)) {
        throw new RefusedException(
            name
                + ": "
                + quoted(key)
                + " is not known: leave it out, or use one of "
                + known.stream().sorted().collect(Collectors.joining(", ")));
      }
    }
  }

  /**
   * Reads a number from 0 to 2^63 - 1.
   *
   * @param absent its value if there is none; null if it is required
   */
  static long number(JsonNode node, String key, String name, @Nullable Long absent)
      throws RefusedException {
    JsonNode value = node.get(key);
    if (value == null && absent != null) {
      return absent;
    }
    if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new RefusedException(
          name + ": " + key + " must be a whole number, and is " + describe(value));
    }
    if (value.asLong() < 0) {
      throw new RefusedException(name + ": " + key + " " + value.asLong() + " is negative");
    }
    return value.asLong();
  }

  /** Reads a truth value, which is true if there is none. */
  static boolean flag(JsonNode node, String key, String name) throws RefusedException {
    JsonNode value = node.get(key);
    if (value != null && !value.isBoolean()) {
      throw new RefusedException(
          name + ": " + key + " must be true or false, and is " + describe(value));
    }
    return value == null || value.asBoolean();
  }

  static @Nullable String text(JsonNode node, String key, String name) throws RefusedException {
    JsonNode value = node.get(key);
    if (value != null && !value.isString()) {
      throw new RefusedException(name + ": " + key + " must be text, and is " + describe(value));
    }
    return value == null ? null : value.asString();
  }

  /**
   * Reads one of the names of an enum, in lower case.
   *
   * @param absent its value if there is none; null if it is required
   */
  static <E extends Enum<E>> E word(
      JsonNode node, String key, String name, Class<E> type, @Nullable E absent)
      throws RefusedException {
    String text = text(node, key, name);
    if (text == null && absent != null) {
      return absent;
    }
    for (E value : type.getEnumConstants()) {
      if (word(value).equals(text)) {
        return value;
      }
    }
    String known =
        Arrays.stream(type.getEnumConstants())
            .map(JsonFields::word)
            .collect(Collectors.joining(", "));
    throw new RefusedException(
        name
            + ": "
            + (text == null ? "\"" + key + "\" is missing" : "\"" + key + "\": " + quoted(text))
            + ": must be one of "
            + known);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String quoted(String text) {
    return "\"" + shortened(text) + "\"";
  }

  private static String describe(@Nullable JsonNode value) {
    return value == null ? "missing" : shortened(value.toString());
  }

  private static String shortened(String text) {
    return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
  }
}
