package io.faultline.restore.frozen;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether a TCP port is listened on, without connecting to it: {@code criu dump} serves exactly one
 * connection. From {@code /proc/PID/net/tcp} (proc_pid_net(5)), in the network namespace of that
 * process.
 */
final class ListeningPorts {
  /** TCP_LISTEN of linux/tcp_states.h. */
  private static final String LISTEN = "0A";

  private static final int LOCAL = 1;
  private static final int STATE = 3;

  private ListeningPorts() {}

  /** Whether anybody listens on a port, on any address, in the network namespace of a process. */
  static boolean contain(String process, int port) {
    Path net = Path.of("/proc", process, "net");
    return contains(net.resolve("tcp"), port) || contains(net.resolve("tcp6"), port);
  }

  private static boolean contains(Path table, int port) {
    try {
      return Files.readAllLines(table, StandardCharsets.US_ASCII).stream()
          .skip(1)
          .anyMatch(line -> isListener(line, port));
    } catch (IOException e) {
      return false; // no such process, or no IPv6
    }
  }

  /** A line such as {@code 0: 0100007F:2343 00000000:0000 0A ...}. */
  static boolean isListener(String line, int port) {
    String[] fields = line.strip().split(" +", -1);
    if (fields.length <= STATE || !fields[STATE].equals(LISTEN)) {
      return false;
    }
    String local = fields[LOCAL];
    return Integer.parseInt(local.substring(local.lastIndexOf(':') + 1), 16) == port;
  }
}
