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
    OwnershipStep step,
    Instant since,
    long processId,
    long processStart,
    String peer) {
  private static final int PROGRESS_BYTES = 32;

  /** The status of this process. */
  static NodeStatus ofThisProcess(
      boolean source, String migration, OwnershipStep step, Instant since, String peer) {
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

  /** The first line of its file: who it is. */
  String identityLine() {
    return identity() + "\n";
  }

  /**
   * The second and last line: how far it is. All are of one length, so that the next one is written
   * over it; and it is made without what a JVM is slow at for the first time, since the guest may
   * wait for it.
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
   * Reads a file's both lines.
   *
   * @throws IllegalArgumentException where it is none, with what is wrong
   */
  static NodeStatus parse(String text, Path file) {
    List<String> lines = text.lines().toList();
    try {
      if (lines.size() != 2) {
        throw new IllegalArgumentException(lines.size() + " lines where 2 are due");
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
      throw new IllegalArgumentException(file + " is no status: " + e.getMessage(), e);
    }
  }

  private static long startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }
}
