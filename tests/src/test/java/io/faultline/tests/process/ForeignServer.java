package io.faultline.tests.process;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;

/** A server of another protocol. Serves one connection at a time until it is closed. */
final class ForeignServer implements AutoCloseable {
  private final ServerSocket listening = Ports.listen();

  /** Serves a connection. */
  interface Behaviour {
    void serve(Socket connection) throws IOException;
  }

  private ForeignServer() throws IOException {}

  static ForeignServer start(Behaviour behaviour) throws IOException {
    ForeignServer server = new ForeignServer();
    Thread.ofVirtual().start(() -> server.serve(behaviour));
    return server;
  }

  int port() {
    return listening.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }

  private void serve(Behaviour behaviour) {
    while (!listening.isClosed()) {
      try (Socket connection = listening.accept()) {
        behaviour.serve(connection);
      } catch (IOException e) {
        // The peer or the test closed a socket, as each may at any time: continue with the next.
        Thread.onSpinWait();
      }
    }
  }
}
