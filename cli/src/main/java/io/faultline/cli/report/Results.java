package io.faultline.cli.report;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Merges the results of source and destination. */
public final class Results {
  private Results() {}

  /**
   * Merges the results of both nodes. The migration is completed if both are. The destination's
   * error takes precedence, because the destination sees more.
   */
  public static ObjectNode merge(ObjectNode source, ObjectNode dest) {
    ObjectNode merged = ResultFile.newResult();
    boolean completed = isCompleted(source) && isCompleted(dest);
    merged.put("status", completed ? "completed" : "failed");
    for (ObjectNode part : new ObjectNode[] {dest, source}) {
      for (var entry : part.properties()) {
        merge(merged, entry.getKey(), entry.getValue());
      }
    }
    if (completed) {
      VmResult.checkConsole(merged);
    }
    return merged;
  }

  /** Whether the migration completed and was verified. */
  public static boolean isGood(ObjectNode result) {
    return isCompleted(result) && result.path("verified").asBoolean(false);
  }

  private static boolean isCompleted(ObjectNode result) {
    return result.path("status").asString("").equals("completed");
  }

  /** Keeps the first value of a key; merges objects, whose later values replace earlier ones. */
  private static void merge(ObjectNode merged, String key, JsonNode value) {
    JsonNode before = merged.get(key);
    if (before instanceof ObjectNode first && value instanceof ObjectNode second) {
      second.properties().forEach(entry -> first.set(entry.getKey(), entry.getValue()));
    } else if (before == null) {
      merged.set(key, value);
    }
  }
}
