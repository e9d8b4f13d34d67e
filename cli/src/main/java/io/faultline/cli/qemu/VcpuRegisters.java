package io.faultline.cli.qemu;

import io.faultline.demo.simulated.VcpuDigest;
import io.faultline.qemu.qmp.QmpConnection;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The registers of a guest program that waits at its end, as QEMU's monitor shows them. */
final class VcpuRegisters {
  private VcpuRegisters() {}

  /** The digest of the registers that are the program's state. */
  static VcpuDigest read(QmpConnection monitor) throws IOException, InterruptedException {
    return digest(
        monitor
            .execute(
                "human-monitor-command",
                QmpConnection.arguments().put("command-line", "info registers"))
            .asString(""));
  }

  static VcpuDigest digest(String text) throws IOException {
    return VcpuDigest.of(
        register(text, "RBX"),
        register(text, "RBP"),
        register(text, "R12"),
        register(text, "R13"),
        register(text, "R14"));
  }

  private static long register(String text, String name) throws IOException {
    Matcher value = Pattern.compile("\\b" + name + " ?=([0-9a-f]{16})\\b").matcher(text);
    if (!value.find()) {
      throw new IOException("QEMU does not show register " + name);
    }
    return Long.parseUnsignedLong(value.group(1), 16);
  }
}
