package io.faultline.qemu.vm;

import io.faultline.qemu.qmp.QmpConnection;
import java.io.IOException;
import java.util.Set;

/** What QEMU says that its VM does ({@code RunState} of qapi/run-state.json). */
final class MonitorStatus {
  private static final String RUNNING = "running";

  /** In the course and at the end of a migration of QEMU's own; {@code paused} by its user. */
  private static final Set<String> STOPPED_FOR_MIGRATION = Set.of("finish-migrate", "postmigrate");

  private MonitorStatus() {}

  static String of(QmpConnection monitor) throws IOException, InterruptedException {
    return monitor.execute("query-status").path("status").asString("");
  }

  static boolean isRunning(String status) {
    return status.equals(RUNNING);
  }

  /** Whether a guest that ran may have been stopped by a source node, which has left it so. */
  static boolean isStoppedForMigration(String status) {
    return STOPPED_FOR_MIGRATION.contains(status);
  }

  /**
   * Refuses a QEMU whose guest is not there, or is not all there.
   *
   * @throws IOException if it cannot be the source of a migration; the message is for the user
   */
  static void requireGuest(QmpConnection monitor, String status) throws IOException {
    String why =
        switch (status) {
          case "inmigrate" -> "waits for a guest: it can only be the QEMU of a destination";
          case "postmigrate" ->
              "has given its guest away in an earlier migration; only if that guest runs nowhere"
                  + " else, continue it here (cont)";
          case "finish-migrate" -> "is in the middle of a migration of its own";
          default -> "";
        };
    if (!why.isEmpty()) {
      throw new IOException("QEMU, process " + monitor.pid() + ", " + why);
    }
  }
}
