package io.faultline.uffd.linux.injection;

import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Why the kernel does not let this process trace another one, and the remedy. */
final class TracingRefusal {
  private static final Path YAMA = Path.of("/proc/sys/kernel/yama/ptrace_scope");

  private TracingRefusal() {}

  /** The error of PTRACE_SEIZE with its reason. */
  static SystemCallException of(int pid, int thread, SystemCallException refused) {
    return new SystemCallException(
        "tracing process " + pid,
        refused.errno(),
        reason(read(Path.of("/proc/" + pid + "/task/" + thread + "/status")), read(YAMA)));
  }

  /**
   * The reason.
   *
   * @param status the text of {@code /proc/PID/task/TID/status}
   * @param yama the text of {@code kernel.yama.ptrace_scope}, empty without Yama
   */
  static String reason(String status, String yama) {
    String tracer = field(status, "TracerPid:");
    if (!tracer.isEmpty() && !tracer.equals("0")) {
      return "process "
          + tracer
          + " traces it already (a debugger, strace, another migration): end that one first";
    }
    String scope = yama.strip();
    if (scope.equals("3")) {
      return "kernel.yama.ptrace_scope is 3, which forbids tracing until the machine restarts";
    }
    String user = field(status, "Uid:").split("\t", -1)[0];
    return "run as root, with CAP_SYS_PTRACE, or as its user"
        + (user.isEmpty() ? "" : " (id " + user + ")")
        + (scope.equals("1") || scope.equals("2")
            ? "; kernel.yama.ptrace_scope is "
                + scope
                + ", so that only "
                + (scope.equals("1") ? "its parent" : "CAP_SYS_PTRACE")
                + " will do: sysctl -w kernel.yama.ptrace_scope=0"
            : "");
  }

  private static String field(String status, String name) {
    return status
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).strip())
        .findFirst()
        .orElse("");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
