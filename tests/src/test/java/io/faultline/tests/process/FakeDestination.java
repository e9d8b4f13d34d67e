package io.faultline.tests.process;

import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.MemoryPrepared;
import io.faultline.proto.wire.Pong;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;

/**
 * A destination that prepares memory, and when it receives the device state either closes its
 * connections or goes silent.
 */
final class FakeDestination implements AutoCloseable {
  private final ServerSocket listening = Ports.listen();
  private final CompletableFuture<Boolean> gotDeviceState = new CompletableFuture<>();
  private final boolean silent;

  private FakeDestination(boolean silent) throws IOException {
    this.silent = silent;
  }

  /** Starts one that closes its connections. */
  static FakeDestination start() throws IOException {
    return start(new FakeDestination(false));
  }

  /** Starts one that goes silent: it never sends READY. */
  static FakeDestination startSilent() throws IOException {
    return start(new FakeDestination(true));
  }

  private static FakeDestination start(FakeDestination destination) {
    Thread.ofVirtual().start(destination::serve);
    return destination;
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Completes with whether the device state arrived before the connection ended. */
  CompletableFuture<Boolean> gotDeviceState() {
    return gotDeviceState;
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }

  private void serve() {
    try (Socket control = accept(listening);
        Socket bulk = accept(listening)) {
      assert bulk.isConnected();
      while (true) {
        Frame frame = Frame.parseDelimitedFrom(control.getInputStream());
        if (frame == null || frame.hasDeviceState()) {
          gotDeviceState.complete(frame != null);
          if (silent) {
            control.getInputStream().transferTo(OutputStream.nullOutputStream());
          }
          return;
        }
        answer(control, frame);
      }
    } catch (IOException e) {
      gotDeviceState.completeExceptionally(e);
    }
  }

  /** Accepts a connection of a source, and answers its hello. */
  static Socket accept(ServerSocket listening) throws IOException {
    Socket socket = listening.accept();
    Frame hello = Frame.parseDelimitedFrom(socket.getInputStream());
    try {
      Hellos.answer(Hellos.checkHello(hello)).writeDelimitedTo(socket.getOutputStream());
    } catch (WireException e) {
      throw new IOException("an invalid hello: " + hello, e);
    }
    return socket;
  }

  private static void answer(Socket control, Frame frame) throws IOException {
    Frame.Builder answer = Frame.newBuilder();
    if (frame.hasPing()) {
      answer.setPong(
          Pong.newBuilder()
              .setSourceNanos(frame.getPing().getSourceNanos())
              .setDestinationNanos(System.nanoTime()));
    } else {
      answer.setMemoryPrepared(MemoryPrepared.getDefaultInstance());
    }
    WrittenFrame.write(answer.build(), control.getOutputStream());
  }
}
