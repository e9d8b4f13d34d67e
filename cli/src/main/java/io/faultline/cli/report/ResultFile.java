package io.faultline.cli.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Results as files of one JSON object. */
public final class ResultFile {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private ResultFile() {}

  /** A new, empty result. */
  public static ObjectNode newResult() {
    return MAPPER.createObjectNode();
  }

  /** An object as the text of a file, indented. */
  public static String text(ObjectNode result) {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(result) + "\n";
  }

  /** Reads a result; an empty one if the file is missing or empty, as after a crash. */
  public static ObjectNode read(Path file) throws IOException {
    String text = Files.exists(file) ? Files.readString(file) : "";
    if (text.isBlank()) {
      return newResult();
    }
    try {
      JsonNode node = MAPPER.readTree(text);
      return node instanceof ObjectNode object ? object : newResult();
    } catch (JacksonException e) {
      throw new IOException(file + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
