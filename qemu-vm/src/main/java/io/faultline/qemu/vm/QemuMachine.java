package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.qmp.QomProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What must be alike in the QEMUs of both sides, as far as it can be known before the device state
 * is loaded. Immutable.
 *
 * @param type such as {@code pc-i440fx-7.2}
 * @param cpu the type of the vCPUs, such as {@code qemu64-x86_64-cpu}
 * @param vcpus their number
 * @param accelerator {@code kvm} or {@code tcg}
 * @param ramFile identifies the file that is its RAM, among those of all hosts; this one must
 *     differ
 */
record QemuMachine(String type, String cpu, int vcpus, String accelerator, String ramFile) {
  private static final JsonMapper MAPPER = JsonMapper.shared();
  private static final int MAX_BYTES = 4096;
  private static final String SUFFIX = "-machine";
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  /** Asks a QEMU, whose RAM is this file. */
  static QemuMachine of(QmpConnection monitor, Path ram) throws IOException, InterruptedException {
    JsonNode vcpus = monitor.execute("query-cpus-fast");
    String type = QomProperty.text(monitor, "/machine", "type");
    String first = vcpus.path(0).path("qom-path").asString("");
    boolean kvm = monitor.execute("query-kvm").path("enabled").asBoolean(false);
    return new QemuMachine(
        type.endsWith(SUFFIX) ? type.substring(0, type.length() - SUFFIX.length()) : type,
        QomProperty.text(monitor, first, "type"),
        vcpus.size(),
        kvm ? "kvm" : "tcg",
        Files.readString(BOOT_ID).strip()
            + ":"
            + Files.getAttribute(ram, "unix:dev")
            + ":"
            + Files.getAttribute(ram, "unix:ino"));
  }

  ByteString encode() {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("type", type).put("cpu", cpu).put("vcpus", vcpus).put("accelerator", accelerator);
    json.put("ram_file", ramFile);
    return ByteString.copyFromUtf8(json.toString());
  }

  /**
   * Decodes what a source sent.
   *
   * @throws IllegalArgumentException if it is not the description of a machine
   */
  static QemuMachine decode(ByteString bytes) {
    if (bytes.size() > MAX_BYTES) {
      throw new IllegalArgumentException("a description of " + bytes.size() + " bytes");
    }
    try {
      JsonNode json = MAPPER.readTree(bytes.toStringUtf8());
      if (!json.isObject()) {
        throw new IllegalArgumentException("the description of the machine is no JSON object");
      }
      return new QemuMachine(
          json.path("type").asString(""),
          json.path("cpu").asString(""),
          json.path("vcpus").asInt(0),
          json.path("accelerator").asString(""),
          json.path("ram_file").asString(""));
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the description of the machine is not JSON", e);
    }
  }

  /** Whether both have the same file as RAM: the destination would empty that of the source. */
  boolean hasRamOf(QemuMachine source) {
    return ramFile.equals(source.ramFile);
  }

  /** How this machine differs from that of the source, for the user; empty if it does not. */
  List<String> differencesFrom(QemuMachine source) {
    List<String> all = new ArrayList<>();
    compare("machine type", source.type, type, all);
    compare("CPU", source.cpu, cpu, all);
    compare("number of vCPUs", String.valueOf(source.vcpus), String.valueOf(vcpus), all);
    compare("accelerator", source.accelerator, accelerator, all);
    return all;
  }

  private static void compare(String what, String there, String here, List<String> into) {
    if (!there.equals(here)) {
      into.add(what + " is " + there + " at the source, " + here + " here");
    }
  }
}
