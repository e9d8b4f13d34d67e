package io.faultline.tests.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** Ports of the loopback interface. */
final class Ports {
  private static final int TIMEOUT_MILLIS = 60_000;

  private Ports() {}

  /** A port on which nobody listens; another process could take it, which is unlikely. */
  static int free() throws IOException {
    try (ServerSocket socket = listen()) {
      return socket.getLocalPort();
    }
  }

  /** A socket that listens on a port that was free. */
  static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
  }

  /** Whether a process of this network namespace listens on a port, without connecting to it. */
  static boolean isListening(int port) throws IOException {
    return isInTable(String.format(Locale.ROOT, ":%04X [0-9A-F]+:0000 0A ", port));
  }

  /** Waits until a process of this network namespace is connected to a port. */
  static void awaitConnected(int port) {
    String row = String.format(Locale.ROOT, " [0-9A-F]+:%04X 01 ", port);
    Awaitility.await()
        .atMost(Node.LIMIT)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> isInTable(row));
  }

  private static boolean isInTable(String pattern) throws IOException {
    Pattern row = Pattern.compile(pattern);
    for (Path table : List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))) {
      if (Files.exists(table) && row.matcher(Files.readString(table)).find()) {
        return true;
      }
    }
    return false;
  }

  /** A connection to a port; reads from it fail after a minute without data. */
  static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return socket;
  }
}
