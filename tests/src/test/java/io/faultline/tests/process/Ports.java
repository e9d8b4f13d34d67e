package io.faultline.tests.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports of this machine's loopback interface. */
final class Ports {
  private Ports() {}

  /** A port on which nobody listens; somebody else may take it, but hardly does. */
  static int free() throws IOException {
    try (ServerSocket socket = listen()) {
      return socket.getLocalPort();
    }
  }

  /** A socket that listens on a port that was free. */
  static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
  }
}
