package io.faultline.tests.process;

import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Role;
import io.faultline.tests.relay.Relay;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * Withholds one frame of the destination, and everything that follows it, on the first control
 * connection, so that a migration stops at a stage that the test chooses. The frames of the source
 * pass, and so do later connections.
 */
final class HoldingRelay extends Relay {
  private final Predicate<Frame> wanted;
  private final CompletableFuture<Frame> held = new CompletableFuture<>();

  private HoldingRelay(int port, Predicate<Frame> wanted) throws IOException {
    super(port);
    this.wanted = wanted;
  }

  /**
   * Starts a relay.
   *
   * @param port of the destination
   * @param wanted the frame to withhold, which precedes all pages on its connection
   */
  static HoldingRelay to(int port, Predicate<Frame> wanted) throws IOException {
    HoldingRelay relay = new HoldingRelay(port, wanted);
    relay.start();
    return relay;
  }

  /** Completes when the frame has arrived and is withheld. */
  CompletableFuture<Frame> held() {
    return held;
  }

  @Override
  protected void relay(Socket source, Socket destination, int number) throws IOException {
    Frame hello = Frame.parseDelimitedFrom(source.getInputStream());
    hello.writeDelimitedTo(destination.getOutputStream());
    boolean holds = hello.getHello().getRole() == Role.ROLE_CONTROL && !held.isDone();
    Thread.ofVirtual().start(() -> answer(destination, source, holds));
    forward(source, destination);
  }

  private void answer(Socket destination, Socket source, boolean holds) {
    try {
      if (holds) {
        hold(destination.getInputStream(), source.getOutputStream());
      }
    } catch (IOException e) {
      closeAll(destination, source);
      return;
    }
    forward(destination, source);
  }

  /** Forwards frames up to the wanted one, and discards everything from there to the end. */
  private void hold(InputStream from, OutputStream to) throws IOException {
    Frame frame = Frame.parseDelimitedFrom(from);
    while (frame != null && !wanted.test(frame)) {
      frame.writeDelimitedTo(to);
      frame = Frame.parseDelimitedFrom(from);
    }
    if (frame != null) {
      held.complete(frame);
      from.transferTo(OutputStream.nullOutputStream());
    }
  }
}
