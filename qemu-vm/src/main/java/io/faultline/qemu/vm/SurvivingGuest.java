package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.qemu.qmp.QmpConnection;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a later source node finds the guest of a QEMU, and what QEMU was like before the migration:
 * recorded in its journal. Immutable.
 *
 * @param monitor the socket of QEMU's monitor
 * @param pid of QEMU, in the pid namespace of the node
 * @param startTicks when QEMU was started: another process may have its id later
 * @param ram the file
 * @param address where QEMU has mapped it
 * @param sizeBytes of that mapping
 * @param running whether the guest ran, and had not been paused by its user
 * @param settings of QEMU's own migration
 */
record SurvivingGuest(
    Path monitor,
    int pid,
    long startTicks,
    Path ram,
    long address,
    long sizeBytes,
    boolean running,
    FormerSettings settings) {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  ByteString encode() {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("monitor", monitor.toString()).put("pid", pid).put("start_ticks", startTicks);
    json.put("ram", ram.toString()).put("address", address).put("size_bytes", sizeBytes);
    json.put("running", running);
    settings.write(json.putObject("settings"));
    return ByteString.copyFromUtf8(json.toString());
  }

  /**
   * Decodes what a journal has.
   *
   * @throws IOException if it is not the record of such a guest
   */
  static SurvivingGuest decode(ByteString bytes) throws IOException {
    try {
      JsonNode json = MAPPER.readTree(bytes.toStringUtf8());
      SurvivingGuest decoded =
          new SurvivingGuest(
              Path.of(json.path("monitor").asString("")),
              json.path("pid").asInt(0),
              json.path("start_ticks").asLong(0),
              Path.of(json.path("ram").asString("")),
              json.path("address").asLong(0),
              json.path("size_bytes").asLong(0),
              json.path("running").asBoolean(false),
              FormerSettings.read(json.path("settings")));
      if (decoded.pid > 0 && decoded.sizeBytes > 0) {
        return decoded;
      }
    } catch (JacksonException | InvalidPathException e) {
      throw new IOException("the journal does not say where the guest is: " + e.getMessage(), e);
    }
    throw new IOException("the journal does not say where the guest is");
  }

  /** Whether a QEMU, connected through any of its monitors, is the one of this guest. */
  boolean isOf(QmpConnection other, long ticks) {
    return other.pid() == pid && ticks == startTicks;
  }
}
