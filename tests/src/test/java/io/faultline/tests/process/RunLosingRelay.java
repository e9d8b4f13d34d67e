package io.faultline.tests.process;

import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Role;
import io.faultline.tests.relay.Relay;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;

/** Loses the first RUN: it closes the control connection in place of passing RUN on. */
final class RunLosingRelay extends Relay {
  private final CompletableFuture<Void> lost = new CompletableFuture<>();
  private final boolean once;

  private RunLosingRelay(int port, boolean once) throws IOException {
    super(port);
    this.once = once;
  }

  /** Starts a relay that passes later connections on unchanged. */
  static RunLosingRelay to(int port) throws IOException {
    return start(new RunLosingRelay(port, false));
  }

  /** Starts a relay that refuses connections after it has lost RUN. */
  static RunLosingRelay onceTo(int port) throws IOException {
    return start(new RunLosingRelay(port, true));
  }

  private static RunLosingRelay start(RunLosingRelay relay) {
    relay.start();
    return relay;
  }

  /** Completes when RUN has been lost. */
  CompletableFuture<Void> lost() {
    return lost;
  }

  @Override
  protected void relay(Socket source, Socket destination, int number) throws IOException {
    Thread.ofVirtual().start(() -> forward(destination, source));
    Frame hello = Frame.parseDelimitedFrom(source.getInputStream());
    hello.writeDelimitedTo(destination.getOutputStream());
    if (hello.getHello().getRole() == Role.ROLE_CONTROL && !lost.isDone()) {
      loseRun(source, destination);
    } else {
      forward(source, destination);
    }
  }

  /** Forwards frames up to RUN; no control frame before it has a payload. */
  private void loseRun(Socket source, Socket destination) throws IOException {
    InputStream from = source.getInputStream();
    Frame frame = Frame.parseDelimitedFrom(from);
    while (frame != null && !frame.hasRun()) {
      frame.writeDelimitedTo(destination.getOutputStream());
      frame = Frame.parseDelimitedFrom(from);
    }
    if (once) {
      stopListening();
    }
    closeAll(source, destination);
    lost.complete(null);
  }
}
