package io.faultline.tests.process;

import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The output of {@code faultline status --json}. */
final class NodeStatus {
  private NodeStatus() {}

  /** Returns the entry of the node with a role; there must be one. */
  static JsonNode of(Processes processes, Path state, String role) throws Exception {
    Node status = processes.start("status", "--json", "--state=" + state);
    status.awaitSuccess();
    for (JsonNode each : JsonMapper.shared().readTree(String.join("\n", status.out()))) {
      if (each.path("role").asString().equals(role)) {
        return each;
      }
    }
    throw new AssertionError("no " + role + " in the status; " + status);
  }
}
