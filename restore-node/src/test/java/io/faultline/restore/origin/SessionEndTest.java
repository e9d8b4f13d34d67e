package io.faultline.restore.origin;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.Transport;
import io.faultline.uffd.linux.FileDescriptors;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that must not see a reset: it would let its processes continue. */
@Timeout(120)
class SessionEndTest implements PageReceiver {
  private final Transport transport = new Transport();
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> finished = new CompletableFuture<>();

  @SuppressWarnings("NullAway.Init") // set before each test
  private ServerSocket listening;

  @SuppressWarnings("NullAway.Init") // set before each test
  private java.net.Socket server;

  /** Of the earlier program, which was killed: only a holder has it. */
  @SuppressWarnings("NullAway.Init") // set before each test
  private Socket held;

  @BeforeEach
  void connect() throws IOException {
    Epoll.ensureAvailability(); // loads the native code of sockets
    listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    held = Socket.newSocketStream();
    boolean connected =
        held.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort()));
    server = listening.accept();
    while (!connected) {
      connected = held.finishConnect();
    }
    held.setSoLinger(ServerConnection.RESET);
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    listening.close();
    transport.close();
  }

  private void end() {
    IoEventLoop loop = transport.newLoop("test");
    SessionEnd origin = new SessionEnd(FileDescriptors.duplicate(held.intValue(), 3), loop);
    loop.execute(
        () -> {
          origin.start(this);
          origin.finish();
        });
  }

  @Test
  void serverThatHasAnsweredSeesTheEndOfTheStream() throws Exception {
    server.getOutputStream().write(new byte[4]); // the answer to CLOSE, which nobody read
    end();
    assertThat(server.getInputStream().read()).as("no reset").isEqualTo(-1);
    server.close();
    finished.get(60, TimeUnit.SECONDS);
    held.close();
    assertThat(warnings).isEmpty();
  }

  @Test
  void serverThatHasEndedAlreadyIsAWarning() throws Exception {
    server.setSoLinger(true, 0);
    server.close();
    end();
    finished.get(60, TimeUnit.SECONDS);
    held.close();
    assertThat(warnings)
        .containsExactly(
            "the page server has ended its session already: see whether the dump has ended");
  }

  @Override
  public void pages(int pid, long address, int pages, long data) {
    throw new AssertionError("pages");
  }

  @Override
  public void unanswered(int pid, long address, int pages) {
    throw new AssertionError("unanswered");
  }

  @Override
  public void failed(String reason) {
    throw new AssertionError(reason);
  }

  @Override
  public void warning(String message) {
    warnings.add(message);
  }

  @Override
  public void finished() {
    finished.complete(null);
  }
}
