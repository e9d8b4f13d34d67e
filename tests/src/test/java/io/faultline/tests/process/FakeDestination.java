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
 * A destination that prepares everything, and is gone when it should load the device state, or says
 * nothing more.
 */
final class FakeDestination implements AutoCloseable {
  private final ServerSocket listening = Ports.listen();
  private final CompletableFuture<Boolean> gotDeviceState = new CompletableFuture<>();

  private final boolean stays;

  private FakeDestination(boolean stays) throws IOException {
    this.stays = stays;
  }

  static FakeDestination start() throws IOException {
    return start(new FakeDestination(false));
  }

  /** One that never says READY. */
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

  /** Completes with whether the device state has come before the connection ended. */
  CompletableFuture<Boolean> gotDeviceState() {
    return gotDeviceState;
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }

  private void serve() {
    try (Socket control = welcome();
        Socket bulk = welcome()) {
      assert bulk.isConnected();
      while (true) {
        Frame frame = Frame.parseDelimitedFrom(control.getInputStream());
        if (frame == null || frame.hasDeviceState()) {
          gotDeviceState.complete(frame != null);
          if (stays) {
            control.getInputStream().transferTo(OutputStream.nullOutputStream());
          }
          return;
        }
        answer(control, frame);
      }
    } catch (IOException | WireException e) {
      gotDeviceState.completeExceptionally(e);
    }
  }

  private Socket welcome() throws IOException, WireException {
    Socket socket = listening.accept();
    Frame hello = Frame.parseDelimitedFrom(socket.getInputStream());
    Hellos.answer(Hellos.checkHello(hello)).writeDelimitedTo(socket.getOutputStream());
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
    answer.build().writeDelimitedTo(control.getOutputStream());
  }
}
