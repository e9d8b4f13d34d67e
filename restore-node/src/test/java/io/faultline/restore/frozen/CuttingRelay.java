package io.faultline.restore.frozen;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A network between a client and a loopback port, which can be cut. Thread-safe. */
final class CuttingRelay implements AutoCloseable {
  private final ServerSocket listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
  private final InetSocketAddress to;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile boolean broken;

  CuttingRelay(InetSocketAddress to) throws IOException {
    this.to = to;
    Thread.ofVirtual().start(this::accept);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  /** Ends all connections; new ones work. */
  void cut() {
    for (Socket each : sockets) {
      closeQuietly(each);
    }
    sockets.clear();
  }

  /** Ends all connections; new ones are closed at once. */
  void breakForGood() {
    broken = true;
    cut();
  }

  boolean isBroken() {
    return broken;
  }

  /** New connections work again. */
  void repair() {
    broken = false;
  }

  private void accept() {
    try {
      while (true) {
        Socket one = listening.accept();
        if (broken) {
          closeQuietly(one);
          continue;
        }
        Socket other = new Socket(to.getAddress(), to.getPort());
        sockets.addAll(List.of(one, other));
        Thread.ofVirtual().start(() -> copy(one, other));
        Thread.ofVirtual().start(() -> copy(other, one));
      }
    } catch (IOException e) {
      cut(); // closed
    }
  }

  private static void copy(Socket from, Socket to) {
    byte[] buffer = new byte[16 << 10];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // cut
    } finally {
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
  }
}
