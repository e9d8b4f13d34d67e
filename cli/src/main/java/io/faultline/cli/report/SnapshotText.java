package io.faultline.cli.report;

import java.util.Locale;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** What a snapshot took, for the user. */
public final class SnapshotText {
  private static final double MIB = 1 << 20;

  private final Consumer<String> out;

  private SnapshotText(Consumer<String> out) {
    this.out = out;
  }

  /**
   * Prints it.
   *
   * @param snapshot the object that {@link SnapshotResult} adds
   */
  public static void print(JsonNode snapshot, Consumer<String> out) {
    new SnapshotText(out).print(snapshot);
  }

  private void print(JsonNode snapshot) {
    out.accept(line("snapshot", snapshot.path("file").asString("")));
    number("pause", "%.2f ms", snapshot.path("pause_ms").asDouble(0));
    number("armed before", "%.1f ms, while the VM ran", snapshot.path("arm_ms").asDouble(0));
    number("total", "%.0f ms", snapshot.path("total_ms").asDouble(0));
    number("memory", "%.1f MiB", snapshot.path("memory_bytes").asDouble(0) / MIB);
    number("file", "%.1f MiB", snapshot.path("file_bytes").asDouble(0) / MIB);
    number("write faults", "%,.0f", snapshot.path("faults").path("saving").asDouble(0));
  }

  private void number(String label, String format, double value) {
    out.accept(line(label, String.format(Locale.ROOT, format, value)));
  }

  /** A line of the summary. */
  public static String line(String label, String text) {
    return String.format(Locale.ROOT, "  %-15s %s", label, text);
  }
}
