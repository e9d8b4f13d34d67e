package io.faultline.qemu.state;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;

/** Sends bytes to a Unix socket on which a QEMU listens. */
final class StateSender {
  private StateSender() {}

  /**
   * Sends all of them.
   *
   * @throws IOException if QEMU closes the connection before, or does not read
   */
  static void send(Path socket, byte[] state, Duration limit)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    try (SocketChannel to = SocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = Selector.open()) {
      var _ = to.connect(UnixDomainSocketAddress.of(socket));
      to.configureBlocking(false);
      var _ = to.register(selector, SelectionKey.OP_WRITE);
      ByteBuffer left = ByteBuffer.wrap(state);
      while (left.hasRemaining()) {
        if (to.write(left) == 0) {
          await(selector, deadline, limit);
        }
      }
    }
  }

  private static void await(Selector selector, long deadline, Duration limit)
      throws IOException, InterruptedException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw new IOException("QEMU did not read its device state for " + limit.toSeconds() + " s");
    }
    var _ = selector.select(Duration.ofNanos(left).toMillis() + 1);
    selector.selectedKeys().clear();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }
}
