package io.faultline.tests.process;

import java.io.IOException;
import java.net.Socket;

/** What relays do with connections that they do not look into. */
final class Sockets {
  private Sockets() {}

  /** Passes on what one brings until it ends, and ends both then. */
  static void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // one of them broke: the other end hears of it by the close below
    }
    close(from, to);
  }

  /** Ends them. */
  static void close(Socket... sockets) {
    for (Socket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
