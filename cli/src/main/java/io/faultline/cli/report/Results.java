package io.faultline.cli.report;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Puts together what both ends know of one migration. */
public final class Results {
  private Results() {}

  /**
   * Merges the results of both nodes: a migration is completed when both say so; of errors, that of
   * the destination comes first, since it sees more.
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
      VmResult.judgeConsole(merged);
    }
    return merged;
  }

  /** Whether a result is that of a migration that completed and verified. */
  public static boolean isGood(ObjectNode result) {
    return isCompleted(result) && result.path("verified").asBoolean(false);
  }

  private static boolean isCompleted(ObjectNode result) {
    return result.path("status").asString("").equals("completed");
  }

  /** The first value of a key stays; objects are merged; the source knows the whole time. */
  private static void merge(ObjectNode merged, String key, JsonNode value) {
    JsonNode before = merged.get(key);
    if (before instanceof ObjectNode first && value instanceof ObjectNode second) {
      second.properties().forEach(entry -> first.set(entry.getKey(), entry.getValue()));
    } else if (before == null) {
      merged.set(key, value);
    }
  }
}
