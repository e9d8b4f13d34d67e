package io.faultline.tests.process;

import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code faultline status --json} tells. */
final class Statuses {
  private Statuses() {}

  /** Of the node in that role, which there must be. */
  static JsonNode one(Processes processes, Path state, String role) throws Exception {
    Node status = processes.start("status", "--json", "--state=" + state);
    status.awaitSuccess();
    for (JsonNode each : JsonMapper.shared().readTree(String.join("\n", status.out()))) {
      if (each.path("role").asString().equals(role)) {
        return each;
      }
    }
    throw new AssertionError("no " + role + " in " + status);
  }
}
