package io.faultline.qemu.state;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Receives what one QEMU writes to a Unix socket, to its end. Used by one thread. */
final class StateListener implements AutoCloseable {
  private static final int PIECE_BYTES = 256 << 10;

  private final ServerSocketChannel server;
  private final Selector selector;
  private @Nullable SocketChannel peer;

  private StateListener(ServerSocketChannel server, Selector selector) {
    this.server = server;
    this.selector = selector;
  }

  static StateListener open(Path socket) throws IOException {
    Files.deleteIfExists(socket);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(socket));
      server.configureBlocking(false);
      Selector selector = Selector.open();
      var _ = server.register(selector, SelectionKey.OP_ACCEPT);
      return new StateListener(server, selector);
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /**
   * Receives everything.
   *
   * @throws IOException if that is more than {@code maxBytes}, or takes too long
   */
  byte[] receive(int maxBytes, Duration limit) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    SocketChannel from = accept(deadline, limit);
    ByteArrayOutputStream all = new ByteArrayOutputStream(PIECE_BYTES);
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
      if (count == 0) {
        await(deadline, limit);
      }
      all.write(piece.array(), 0, piece.position());
      piece.clear();
      if (all.size() > maxBytes) {
        throw new IOException(
            "QEMU sends more than "
                + (maxBytes >> 20)
                + " MiB of device state: is its RAM in a file with share=on?");
      }
    }
    return all.toByteArray();
  }

  private SocketChannel accept(long deadline, Duration limit)
      throws IOException, InterruptedException {
    SocketChannel accepted = server.accept();
    while (accepted == null) {
      await(deadline, limit);
      accepted = server.accept();
    }
    peer = accepted;
    accepted.configureBlocking(false);
    var _ = accepted.register(selector, SelectionKey.OP_READ);
    return accepted;
  }

  private void await(long deadline, Duration limit) throws IOException, InterruptedException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw new IOException("QEMU did not send its device state for " + limit.toSeconds() + " s");
    }
    var _ = selector.select(Duration.ofNanos(left).toMillis() + 1);
    selector.selectedKeys().clear();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  @Override
  public void close() throws IOException {
    SocketChannel accepted = peer;
    if (accepted != null) {
      accepted.close();
    }
    selector.close();
    server.close();
  }
}
