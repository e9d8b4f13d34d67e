package io.faultline.cli.dest;

import com.google.protobuf.ByteString;
import io.faultline.dest.takeover.MigrationIdentity;
import io.faultline.qemu.vm.RunningQemu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What another process needs to take over the migration of a guest, and what does not change during
 * it. As JSON in a file that only its owner may read: it has the key of the migration. Immutable.
 *
 * @param machine where QEMU's process is
 * @param listen where the source reconnects, as HOST:PORT
 * @param started whether the destination had started QEMU itself
 */
record TakeOverRecord(
    MigrationIdentity identity,
    RunningQemu qemu,
    MachineRun machine,
    String listen,
    boolean started) {
  private static final int VERSION = 1;
  private static final JsonMapper MAPPER = JsonMapper.shared();

  /** Writes the file, all of it or nothing. */
  void write(Path file) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(part);
    Files.createFile(
        part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(part, toJson() + "\n");
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private ObjectNode toJson() {
    ObjectNode json = MAPPER.createObjectNode().put("version", VERSION);
    json.put("listen", listen).put("started", started);
    json.putObject("qemu")
        .put("process", qemu.pid())
        .put("process_start", qemu.startTicks())
        .put("monitor", qemu.monitor().toString())
        .put("ram", qemu.ram().toString())
        .put("boot_id", machine.bootId())
        .put("pid_namespace", machine.pidNamespace());
    json.put("hello", encode(identity.hello())).put("owner", identity.owner());
    json.put("session_key", encode(identity.sessionKey()));
    json.put("description", encode(identity.description()));
    return json;
  }

  private static String encode(ByteString bytes) {
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  /**
   * Reads the file.
   *
   * @throws IOException if it is damaged, or of another version
   */
  static TakeOverRecord read(Path file) throws IOException {
    try {
      JsonNode json = MAPPER.readTree(Files.readString(file));
      if (json.path("version").asInt(0) != VERSION) {
        throw new IOException(file + ": it is of another version of Faultline");
      }
      JsonNode qemu = json.path("qemu");
      return new TakeOverRecord(
          new MigrationIdentity(
              bytes(json, "hello"),
              json.path("owner").asString(""),
              bytes(json, "session_key"),
              bytes(json, "description")),
          new RunningQemu(
              qemu.path("process").asInt(0),
              qemu.path("process_start").asLong(0),
              Path.of(qemu.path("monitor").asString("")),
              Path.of(qemu.path("ram").asString(""))),
          new MachineRun(
              qemu.path("boot_id").asString(""), qemu.path("pid_namespace").asString("")),
          json.path("listen").asString(""),
          json.path("started").asBoolean(false));
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IOException(file + ": it is damaged: " + e.getMessage(), e);
    }
  }

  private static ByteString bytes(JsonNode json, String name) {
    return ByteString.copyFrom(Base64.getDecoder().decode(json.path(name).asString("")));
  }
}
