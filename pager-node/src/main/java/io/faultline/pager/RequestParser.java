package io.faultline.pager;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads a request: a JSON object in one line. */
final class RequestParser {
  private static final String NAME = "the request";
  private static final int ALL = -1;

  private RequestParser() {}

  /**
   * Reads a request.
   *
   * @param regions the number of regions of the client
   * @throws RefusedException if it is not one
   */
  static Request parse(String line, int regions) throws RefusedException {
    JsonNode node = HandshakeParser.read(line);
    if (!node.isObject()) {
      throw new RefusedException(NAME + " is no JSON object");
    }
    Request.Verb verb = word(node, "do", Request.Verb.class, null);
    long region = HandshakeParser.number(node, "region", NAME, (long) Integer.MAX_VALUE);
    if (region == Integer.MAX_VALUE) {
      region = ALL;
    } else if (region >= regions) {
      throw new RefusedException(
          "region " + region + " does not exist: the client has " + regions + ", from 0 on");
    }
    long offset = HandshakeParser.number(node, "offset", NAME, 0L);
    long length = node.has("length") ? HandshakeParser.number(node, "length", NAME, null) : ALL;
    if (region == ALL && (offset != 0 || length != ALL)) {
      throw new RefusedException("a range needs the region in which it is");
    }
    return new Request(
        verb,
        (int) region,
        offset,
        length,
        word(node, "advice", Request.Advice.class, Request.Advice.NORMAL));
  }

  private static <E extends Enum<E>> E word(
      JsonNode node, String key, Class<E> type, @Nullable E absent) throws RefusedException {
    String text = HandshakeParser.text(node, key, NAME);
    if (text == null && absent != null) {
      return absent;
    }
    for (E value : type.getEnumConstants()) {
      if (name(value).equals(text)) {
        return value;
      }
    }
    String known =
        Arrays.stream(type.getEnumConstants())
            .map(RequestParser::name)
            .collect(Collectors.joining(", "));
    throw new RefusedException(
        (text == null ? "\"" + key + "\" is missing" : "\"" + key + "\": \"" + text + "\"")
            + ": must be one of "
            + known);
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
