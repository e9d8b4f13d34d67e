package io.faultline.qemu.qmp;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * An event from QEMU's monitor. Immutable, thread-safe.
 *
 * @param name such as STOP or MIGRATION
 * @param micros time in microseconds since 1970, by the host's clock
 * @param status the status in a MIGRATION event; otherwise empty
 */
public record QmpEvent(String name, long micros, String status) {
  private static final long MICROS_PER_SECOND = 1_000_000;

  /** Parses a message; empty if it is not an event. */
  static Optional<QmpEvent> of(JsonNode message) {
    if (!message.path("event").isString()) {
      return Optional.empty();
    }
    JsonNode time = message.path("timestamp");
    long micros =
        time.path("seconds").asLong(0) * MICROS_PER_SECOND + time.path("microseconds").asLong(0);
    String status = message.path("data").path("status").asString("");
    return Optional.of(new QmpEvent(message.path("event").asString(), micros, status));
  }

  /** When it happened, on the clock of {@link System#nanoTime} of this process. */
  public long nanoTime() {
    long ago =
        ChronoUnit.NANOS.between(Instant.EPOCH.plus(micros, ChronoUnit.MICROS), Instant.now());
    return System.nanoTime() - ago;
  }

  /** Whether it reports the end of a migration: completed, failed or cancelled. */
  public boolean endsMigration() {
    return name.equals("MIGRATION")
        && (status.equals("completed") || status.equals("failed") || status.equals("cancelled"));
  }
}
