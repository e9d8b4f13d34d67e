package io.faultline.tests.process;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;

/** A server that speaks something else. Serves one connection after the other until closed. */
final class ForeignServer implements AutoCloseable {
  private final ServerSocket listening = Ports.listen();

  /** What it does with a connection. */
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
        // The peer or the test has closed a socket, as it may at any time: on to the next.
        Thread.onSpinWait();
      }
    }
  }
}
