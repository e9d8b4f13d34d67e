package io.faultline.tests.process;

import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Role;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * Stands between a source and a destination, and keeps one frame of the destination's, and what it
 * says behind that, from the first control connection: so a migration stands still at a stage of
 * the test's choice. What the source says goes through, and so do later connections.
 */
final class HoldingRelay implements AutoCloseable {
  private final ServerSocket listening = Ports.listen();
  private final int destination;
  private final Predicate<Frame> wanted;
  private final CompletableFuture<Frame> held = new CompletableFuture<>();

  private HoldingRelay(int destination, Predicate<Frame> wanted) throws IOException {
    this.destination = destination;
    this.wanted = wanted;
  }

  /**
   * @param wanted the frame, which comes before any pages on its connection
   */
  static HoldingRelay to(int port, Predicate<Frame> wanted) throws IOException {
    HoldingRelay relay = new HoldingRelay(port, wanted);
    Thread.ofVirtual().start(relay::serve);
    return relay;
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Completes when the frame has come, and is held. */
  CompletableFuture<Frame> held() {
    return held;
  }

  /** Nobody finds the destination any more. */
  void vanish() throws IOException {
    listening.close();
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }

  private void serve() {
    try {
      while (true) {
        Socket source = listening.accept();
        Socket to = new Socket(InetAddress.getLoopbackAddress(), destination);
        Thread.ofVirtual().start(() -> meet(source, to));
      }
    } catch (IOException e) {
      held.completeExceptionally(e); // no effect where it has come, as it should have
    }
  }

  private void meet(Socket source, Socket to) {
    try {
      Frame hello = Frame.parseDelimitedFrom(source.getInputStream());
      hello.writeDelimitedTo(to.getOutputStream());
      boolean holds = hello.getHello().getRole() == Role.ROLE_CONTROL && !held.isDone();
      Thread.ofVirtual().start(() -> answer(to, source, holds));
    } catch (IOException e) {
      Sockets.close(source, to);
      return;
    }
    Sockets.pass(source, to);
  }

  private void answer(Socket from, Socket source, boolean holds) {
    try {
      while (holds) {
        Frame frame = Frame.parseDelimitedFrom(from.getInputStream());
        if (frame == null) {
          Sockets.close(from, source);
          return;
        }
        if (wanted.test(frame)) {
          held.complete(frame);
          from.getInputStream().transferTo(OutputStream.nullOutputStream());
          Sockets.close(from, source);
          return;
        }
        frame.writeDelimitedTo(source.getOutputStream());
      }
    } catch (IOException e) {
      Sockets.close(from, source);
      return;
    }
    Sockets.pass(from, source);
  }
}
