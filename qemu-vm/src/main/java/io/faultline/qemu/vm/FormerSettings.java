package io.faultline.qemu.vm;

import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.DeviceState;
import io.faultline.qemu.state.StateDescription;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The settings of QEMU's own migration that {@link DeviceState#prepare} changes, as they were
 * before: a later migration of QEMU's own would leave the RAM out otherwise. Immutable.
 *
 * @param capabilities by name; those that this QEMU does not know are left out
 * @param bytesPerSecond {@code max-bandwidth}; 0 if it is not known
 * @param described whether QEMU appends a {@link StateDescription}
 */
record FormerSettings(Map<String, Boolean> capabilities, long bytesPerSecond, boolean described) {
  private static final String BANDWIDTH = "max-bandwidth";
  private static final String DESCRIBED = "state-description";

  FormerSettings {
    capabilities = Map.copyOf(capabilities);
  }

  /** Asks a QEMU, before it is prepared. */
  static FormerSettings of(QmpConnection monitor) throws IOException, InterruptedException {
    Map<String, Boolean> found = new TreeMap<>();
    for (JsonNode each : monitor.execute("query-migrate-capabilities")) {
      String name = each.path("capability").asString("");
      if (DeviceState.CAPABILITIES.contains(name)) {
        found.put(name, each.path("state").asBoolean(false));
      }
    }
    JsonNode parameters = monitor.execute("query-migrate-parameters");
    boolean suppressed = StateDescription.isSuppressed(monitor).orElse(true);
    return new FormerSettings(found, parameters.path(BANDWIDTH).asLong(0), !suppressed);
  }

  /**
   * Requires a QEMU that has all of them.
   *
   * @throws IOException if one is missing; the message is for the user
   */
  void requireAll() throws IOException {
    for (String each : DeviceState.CAPABILITIES) {
      if (!capabilities.containsKey(each)) {
        throw new IOException(
            "this QEMU lacks the migration capability " + each + ": 4.0 or later is needed");
      }
    }
  }

  /**
   * Sets them again.
   *
   * @throws IOException if QEMU refuses, as it does while a migration of its own is under way
   */
  void restore(QmpConnection monitor) throws IOException, InterruptedException {
    ObjectNode arguments = QmpConnection.arguments();
    ArrayNode list = arguments.putArray("capabilities");
    capabilities.forEach(
        (name, on) -> list.addObject().put("capability", name).put("state", on.booleanValue()));
    var _ = monitor.execute("migrate-set-capabilities", arguments);
    if (bytesPerSecond > 0) {
      ObjectNode bandwidth = QmpConnection.arguments().put(BANDWIDTH, bytesPerSecond);
      var _ = monitor.execute("migrate-set-parameters", bandwidth);
    }
    if (described) {
      StateDescription.suppress(monitor, false);
    }
  }

  void write(ObjectNode into) {
    ObjectNode states = into.putObject("capabilities");
    capabilities.forEach((name, on) -> states.put(name, on.booleanValue()));
    into.put(BANDWIDTH, bytesPerSecond).put(DESCRIBED, described);
  }

  /** Reads what {@link #write} wrote. */
  static FormerSettings read(JsonNode from) {
    Map<String, Boolean> capabilities = new TreeMap<>();
    for (String each : DeviceState.CAPABILITIES) {
      JsonNode state = from.path("capabilities").path(each);
      if (state.isBoolean()) {
        capabilities.put(each, state.asBoolean());
      }
    }
    return new FormerSettings(
        capabilities, from.path(BANDWIDTH).asLong(0), from.path(DESCRIBED).asBoolean(false));
  }
}
