package io.faultline.cli.snapshot;

import io.faultline.cli.terminal.CommandOutput;
import io.faultline.memory.PageBitmap;
import io.faultline.snapshot.file.WorkingSet;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What a restore adds to the result of a migration. */
final class RestoreResult {
  private static final String FIRST_INSTRUCTION = "first_instruction_ms";
  private static final String SINCE_START = "start_to_first_instruction_ms";
  private static final String WORKING_SET = "working_set";
  private static final double MILLI = 1e6;

  private RestoreResult() {}

  /**
   * Adds the time from the opening of the file to the first instruction, and that from the start of
   * this process: before the file is opened the JVM starts, and maybe waits.
   */
  static void putFirstInstruction(ObjectNode result, long openedNanos, long ranNanos) {
    result.put(FIRST_INSTRUCTION, (ranNanos - openedNanos) / MILLI);
    Optional<Instant> started = ProcessHandle.current().info().startInstant();
    if (started.isPresent()) {
      double agoMillis = (System.nanoTime() - ranNanos) / MILLI;
      double sinceStart = started.get().until(Instant.now(), ChronoUnit.NANOS) / MILLI;
      result.put(SINCE_START, sinceStart - agoMillis);
    }
  }

  /** Adds the time from the first instruction until the VM had done its operations, if it has. */
  static void putWorkload(ObjectNode result, OptionalLong ranNanos, OptionalLong endedNanos) {
    if (ranNanos.isPresent() && endedNanos.isPresent()) {
      result.put("workload_ms", (endedNanos.getAsLong() - ranNanos.getAsLong()) / MILLI);
    }
  }

  /**
   * Adds how many pages were sent first, and how many the VM needed.
   *
   * @param set null for none
   */
  static void putWorkingSet(ObjectNode result, @Nullable WorkingSet set, NeededPagesLog needed) {
    ObjectNode json = result.putObject(WORKING_SET);
    json.put("pages", set == null ? 0 : set.pageCount());
    json.put("needed", needed.pages().stream().mapToLong(PageBitmap::count).sum());
  }

  static void print(ObjectNode result, CommandOutput output) {
    line(output, "verified", "%s", "yes");
    line(output, "first instruction", "%.1f ms", result.path(FIRST_INSTRUCTION).asDouble(0));
    line(output, "  since the start", "%.0f ms", result.path(SINCE_START).asDouble(0));
    line(output, "all memory", "%.1f ms later", result.path("postcopy_ms").asDouble(0));
    line(output, "demand faults", "%,d", result.path("faults").asLong(0));
    long pages = result.path(WORKING_SET).path("pages").asLong(0);
    line(output, "working set", "%s", pages == 0 ? "none" : pages + " pages, sent first");
  }

  private static void line(CommandOutput output, String label, String format, Object value) {
    output.print(
        String.format(Locale.ROOT, "  %-18s %s", label, String.format(Locale.ROOT, format, value)));
  }
}
