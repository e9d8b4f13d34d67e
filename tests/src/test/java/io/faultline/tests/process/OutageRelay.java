package io.faultline.tests.process;

import io.faultline.tests.relay.Relay;
import java.io.IOException;
import java.net.Socket;

/** Passes everything on, except while its network is down: then no connection stays open. */
final class OutageRelay extends Relay {
  private volatile boolean isDown;

  private OutageRelay(int port) throws IOException {
    super(port);
  }

  /**
   * Starts a relay.
   *
   * @param port of the destination
   */
  static OutageRelay to(int port) throws IOException {
    OutageRelay relay = new OutageRelay(port);
    relay.start();
    return relay;
  }

  /** Closes all connections, and from now on those that the source opens. */
  void takeDown() {
    isDown = true;
    closeConnections();
  }

  /** Connections work again. */
  void bringUp() {
    isDown = false;
  }

  @Override
  protected void relay(Socket source, Socket destination, int number) {
    if (isDown) {
      closeAll(source, destination);
      return;
    }
    Thread.ofVirtual().start(() -> forward(destination, source));
    forward(source, destination);
  }
}
