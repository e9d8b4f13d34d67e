package io.faultline.qemu.qmp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Splits what a monitor sends into messages: JSON objects, one per line. Used by one thread. */
final class MessageLines {
  /** A longer line is no monitor's: the longest known reply, query-qmp-schema, has 0.3 MiB. */
  static final int MAX_LINE_BYTES = 4 << 20;

  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final Deque<JsonNode> messages = new ArrayDeque<>();
  private byte[] line = new byte[4096];
  private int length;

  /**
   * Adds bytes that were read.
   *
   * @throws IOException if a line is too long or no JSON object
   */
  void add(byte[] bytes, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      if (bytes[i] == '\n') {
        end();
      } else {
        append(bytes[i]);
      }
    }
  }

  /** Takes the first message that is complete; null if there is none. */
  @Nullable JsonNode next() {
    return messages.poll();
  }

  private void append(byte each) throws IOException {
    if (length == MAX_LINE_BYTES) {
      throw new IOException(
          "the monitor sent a line of more than " + MAX_LINE_BYTES + " bytes: is this QMP?");
    }
    if (length == line.length) {
      line = Arrays.copyOf(line, 2 * length);
    }
    line[length] = each;
    length++;
  }

  private void end() throws IOException {
    String text = new String(line, 0, length, StandardCharsets.UTF_8).strip();
    length = 0;
    if (text.isEmpty()) {
      return;
    }
    JsonNode message;
    try {
      message = MAPPER.readTree(text);
    } catch (JacksonException e) {
      throw notJson(text, e);
    }
    if (!message.isObject()) {
      throw notJson(text, null);
    }
    messages.add(message);
  }

  private static IOException notJson(String text, @Nullable Exception cause) {
    int shown = Math.min(text.length(), 80);
    return new IOException(
        "the monitor sent a line that is no JSON object, \""
            + text.substring(0, shown)
            + "\": is this QMP?",
        cause);
  }
}
