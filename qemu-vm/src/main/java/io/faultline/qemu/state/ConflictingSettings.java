package io.faultline.qemu.state;

import io.faultline.qemu.qmp.QmpConnection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Settings of QEMU's own migration, made by its user, with which it does not give or load a plain
 * device state over one connection.
 */
public final class ConflictingSettings {
  /**
   * Several connections or another format ({@code multifd}, {@code compress}, {@code mapped-ram},
   * {@code x-colo}, {@code return-path}), other contents ({@code block}, {@code
   * background-snapshot}), or a stop in the middle ({@code pause-before-switchover}); and {@code
   * postcopy-ram}, which QEMU refuses beside {@code x-ignore-shared}.
   */
  private static final Set<String> CAPABILITIES =
      Set.of(
          "multifd",
          "compress",
          "mapped-ram",
          "x-colo",
          "return-path",
          "block",
          "background-snapshot",
          "pause-before-switchover",
          "postcopy-ram");

  private ConflictingSettings() {}

  /** The names of those that are switched on; empty if the state can be taken or loaded. */
  public static List<String> of(QmpConnection monitor) throws IOException, InterruptedException {
    List<String> found = new ArrayList<>();
    for (JsonNode each : monitor.execute("query-migrate-capabilities")) {
      String name = each.path("capability").asString("");
      if (CAPABILITIES.contains(name) && each.path("state").asBoolean(false)) {
        found.add(name);
      }
    }
    JsonNode parameters = monitor.execute("query-migrate-parameters");
    if (!parameters.path("tls-creds").asString("").isEmpty()) {
      found.add("tls-creds");
    }
    return found;
  }

  /**
   * Requires that none is switched on.
   *
   * @throws IOException otherwise; the message is for the user
   */
  public static void requireNone(QmpConnection monitor) throws IOException, InterruptedException {
    List<String> found = of(monitor);
    if (!found.isEmpty()) {
      throw new IOException(advice(found));
    }
  }

  /**
   * What the user must do.
   *
   * @param found the names, not empty
   */
  public static String advice(List<String> found) {
    return "settings of QEMU's own migration are in the way: switch off "
        + String.join(", ", found)
        + " (migrate-set-capabilities, migrate-set-parameters)";
  }
}
