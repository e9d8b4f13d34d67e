package io.faultline.cli.status;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The status of one node, as in its status file.
 *
 * <pre>
 *   {"role":"source","migration":"825e...","process":4711,...}\n    identity: JSON
 *   COMMITTED 1777629600000          \n                             progress: step, ms since 1970;
 *                                                                   32 bytes, padded with spaces
 * </pre>
 *
 * @param source true for a source, false for a destination
 * @param migration the id, 32 digits; empty before a destination has one
 * @param step the last step that was reported
 * @param since when it was reported
 * @param processId of the node
 * @param processStart start time of that process in milliseconds since 1970, since process ids are
 *     reused
 * @param peer human-readable address of the peer; empty if not known
 */
record NodeStatus(
    boolean source,
    String migration,
    OwnershipStep step,
    Instant since,
    long processId,
    long processStart,
    String peer) {
  private static final int PROGRESS_BYTES = 32;

  /** A status of this process. */
  static NodeStatus ofThisProcess(
      boolean source, String migration, OwnershipStep step, Instant since, String peer) {
    ProcessHandle here = ProcessHandle.current();
    return new NodeStatus(source, migration, step, since, here.pid(), startOf(here), peer);
  }

  /** Whether the process still exists. */
  boolean isAlive() {
    return isAlive(processId, processStart);
  }

  /** Human-readable: {@code source}, {@code destination}. */
  String role() {
    return source ? "source" : "destination";
  }

  ObjectNode toJson() {
    ObjectNode json = identity();
    json.put("step", step.toString());
    json.put("since", since.toString());
    return json;
  }

  private ObjectNode identity() {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("role", role());
    json.put("migration", migration);
    json.put("process", processId);
    json.put("process_start", processStart);
    json.put("peer", peer);
    return json;
  }

  /** The first line of the file. */
  String identityLine() {
    return identity() + "\n";
  }

  /**
   * The second and last line of the file. All have one length, so that one can overwrite the other.
   * Uses no formatting or JSON: their first use in a JVM is slow, and the guest may be waiting.
   *
   * @param sinceMillis since 1970
   */
  static byte[] progressLine(OwnershipStep step, long sinceMillis) {
    ByteBuffer line = ByteBuffer.allocate(PROGRESS_BYTES);
    line.put(step.name().getBytes(StandardCharsets.US_ASCII)).put((byte) ' ');
    line.put(Long.toString(sinceMillis).getBytes(StandardCharsets.US_ASCII));
    while (line.remaining() > 1) {
      line.put((byte) ' ');
    }
    return line.put((byte) '\n').array();
  }

  /**
   * Parses the contents of a status file.
   *
   * @throws IllegalArgumentException if it is not a status; the message names the file
   */
  static NodeStatus parse(String text, Path file) {
    List<String> lines = text.lines().toList();
    try {
      if (lines.size() != 2) {
        throw new IllegalArgumentException(lines.size() + " lines instead of 2");
      }
      JsonNode json = JsonMapper.shared().readTree(lines.get(0));
      String[] progress = lines.get(1).strip().split(" ", -1);
      return new NodeStatus(
          json.path("role").asString("").equals("source"),
          json.path("migration").asString(""),
          OwnershipStep.valueOf(progress[0]),
          Instant.ofEpochMilli(Long.parseLong(progress[progress.length - 1])),
          json.path("process").asLong(0),
          json.path("process_start").asLong(0),
          json.path("peer").asString(""));
    } catch (IllegalArgumentException | JacksonException e) {
      throw new IllegalArgumentException(file + " is not a status file: " + e.getMessage(), e);
    }
  }

  /** Whether a process exists, and has not only the id of an earlier one. */
  static boolean isAlive(long processId, long processStart) {
    Optional<ProcessHandle> process = ProcessHandle.of(processId);
    return process.isPresent() && startOf(process.get()) == processStart;
  }

  static long startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }
}
