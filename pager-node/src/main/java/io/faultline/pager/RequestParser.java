package io.faultline.pager;

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
    JsonNode node = JsonFields.read(line);
    JsonFields.requireObject(node, NAME);
    Request.Verb verb = JsonFields.word(node, "do", NAME, Request.Verb.class, null);
    long region = JsonFields.number(node, "region", NAME, (long) Integer.MAX_VALUE);
    if (region == Integer.MAX_VALUE) {
      region = ALL;
    } else if (region >= regions) {
      throw new RefusedException(
          "region " + region + " does not exist: the client has " + regions + ", from 0 on");
    }
    long offset = JsonFields.number(node, "offset", NAME, 0L);
    long length = node.has("length") ? JsonFields.number(node, "length", NAME, null) : ALL;
    if (region == ALL && (offset != 0 || length != ALL)) {
      throw new RefusedException("a range needs the region in which it is");
    }
    return new Request(
        verb,
        (int) region,
        offset,
        length,
        JsonFields.word(node, "advice", NAME, Request.Advice.class, Request.Advice.NORMAL));
  }
}
