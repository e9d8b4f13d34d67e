package io.faultline.demo.status;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a node says of itself.
 *
 * @param source whether it is a source, or else a destination
 * @param migration the id, 32 digits; empty before a destination has one
 * @param step how far it has come
 * @param since when it came there
 * @param processId of the node
 * @param processStart when that process was started, in milliseconds since 1970: another process
 *     may have its number later
 * @param peer where the other end is, for a person; empty where that is not known
 */
record NodeStatus(
    boolean source,
    String migration,
    Step step,
    Instant since,
    long processId,
    long processStart,
    String peer) {

  /** The status of this process. */
  static NodeStatus ofThisProcess(
      boolean source, String migration, Step step, Instant since, String peer) {
    ProcessHandle here = ProcessHandle.current();
    return new NodeStatus(source, migration, step, since, here.pid(), startOf(here), peer);
  }

  /** Whether the process is still there. */
  boolean isAlive() {
    Optional<ProcessHandle> process = ProcessHandle.of(processId);
    return process.isPresent() && startOf(process.get()) == processStart;
  }

  /** For a person: {@code source}, {@code destination}. */
  String role() {
    return source ? "source" : "destination";
  }

  ObjectNode toJson() {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("role", role());
    json.put("migration", migration);
    json.put("step", step.toString());
    json.put("since", since.toString());
    json.put("process", processId);
    json.put("process_start", processStart);
    json.put("peer", peer);
    return json;
  }

  /**
   * @throws IllegalArgumentException where it is none, with what is wrong
   */
  static NodeStatus of(JsonNode json, Path file) {
    try {
      return new NodeStatus(
          json.path("role").asString("").equals("source"),
          json.path("migration").asString(""),
          Step.of(json.path("step").asString("")),
          Instant.parse(json.path("since").asString("")),
          json.path("process").asLong(0),
          json.path("process_start").asLong(0),
          json.path("peer").asString(""));
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new IllegalArgumentException(file + " is no status: " + e.getMessage(), e);
    }
  }

  private static long startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }
}
