package io.faultline.tests.process;

import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;

/**
 * Stands between a source and a destination, and loses the first RUN: the connections break when it
 * is on its way. What comes later is passed on.
 */
final class RunLosingRelay implements AutoCloseable {
  private final ServerSocket listening = Ports.listen();
  private final int destination;
  private final CompletableFuture<Void> lost = new CompletableFuture<>();

  private final boolean once;

  private RunLosingRelay(int destination, boolean once) throws IOException {
    this.destination = destination;
    this.once = once;
  }

  static RunLosingRelay to(int port) throws IOException {
    return start(new RunLosingRelay(port, false));
  }

  /** One that nobody can connect to any more once RUN is lost. */
  static RunLosingRelay onceTo(int port) throws IOException {
    return start(new RunLosingRelay(port, true));
  }

  private static RunLosingRelay start(RunLosingRelay relay) {
    Thread.ofVirtual().start(relay::serve);
    return relay;
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Completes when RUN has been lost. */
  CompletableFuture<Void> lost() {
    return lost;
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
        Thread.ofVirtual().start(() -> fromSource(source, to));
        Thread.ofVirtual().start(() -> Sockets.pass(to, source));
      }
    } catch (IOException e) {
      lost.completeExceptionally(e); // no effect where it has been, as it should have
    }
  }

  private void fromSource(Socket source, Socket to) {
    try {
      Frame hello = Frame.parseDelimitedFrom(source.getInputStream());
      hello.writeDelimitedTo(to.getOutputStream());
      if (hello.getHello().getRole() == Role.ROLE_CONTROL && !lost.isDone()) {
        loseRun(source, to);
      }
    } catch (IOException e) {
      Sockets.close(source, to);
      return;
    }
    Sockets.pass(source, to);
  }

  /** No control frame before RUN has a payload. */
  private void loseRun(Socket source, Socket to) throws IOException {
    while (true) {
      Frame frame = Frame.parseDelimitedFrom(source.getInputStream());
      if (frame == null || frame.hasRun()) {
        if (once) {
          listening.close();
        }
        Sockets.close(source, to);
        lost.complete(null);
        return;
      }
      frame.writeDelimitedTo(to.getOutputStream());
    }
  }
}
