package io.faultline.cli.control;

import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** A status in one line, for the user. */
final class StatusText {
  private static final double MIB = 1 << 20;
  private static final double BITS_PER_BYTE = 8;
  private static final double MILLION = 1e6;

  private StatusText() {}

  static String of(JsonNode status) {
    JsonNode ram = status.path("ram");
    StringBuilder text =
        new StringBuilder(status.path("role").asString(""))
            .append(": ")
            .append(status.path("status").asString(""))
            .append(format(", %.0f MiB", ram.path("total").asDouble(0) / MIB))
            .append(format(", %.0f MiB remaining", ram.path("remaining").asDouble(0) / MIB));
    if (ram.has("mbps")) {
      text.append(
          format(", %.0f MiB/s", ram.path("mbps").asDouble(0) * MILLION / BITS_PER_BYTE / MIB));
    }
    if (status.path("max-bandwidth").asLong(0) > 0) {
      text.append(format(" of %.0f", status.path("max-bandwidth").asDouble(0) / MIB));
    }
    if (status.path("bulk-paused").asBoolean(false)) {
      text.append(", bulk stream paused");
    }
    if (status.has("downtime")) {
      text.append(format(", downtime %.1f ms", status.path("downtime").asDouble(0)));
    }
    if (status.has("snapshot")) {
      text.append(", writing the snapshot ")
          .append(status.path("snapshot").path("file").asString(""));
    }
    text.append("; the ").append(status.path("vm-owner").asString("")).append(" owns the VM");
    if (status.has("error-desc")) {
      text.append("; ").append(status.path("error-desc").asString(""));
    }
    return text.toString();
  }

  private static String format(String pattern, double value) {
    return String.format(Locale.ROOT, pattern, value);
  }
}
