package io.faultline.tests.migration;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes two connections on, and turns one bit round in what the second one brings. */
final class FlippingRelay implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 << 10;

  private final ServerSocket listening = new ServerSocket(0, 2, InetAddress.getLoopbackAddress());
  private final InetSocketAddress destination;
  private final long flippedByte;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /**
   * @param flippedByte the number of the byte in what the second connection sends
   */
  FlippingRelay(InetSocketAddress destination, long flippedByte) throws IOException {
    this.destination = destination;
    this.flippedByte = flippedByte;
    Thread.ofVirtual().start(this::serve);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket each : sockets) {
      each.close();
    }
  }

  private void serve() {
    try {
      pass(Long.MAX_VALUE);
      pass(flippedByte);
      while (true) { // connections that are made again
        pass(Long.MAX_VALUE);
      }
    } catch (IOException e) {
      System.out.println("the relay ends: " + e.getMessage());
    }
  }

  private void pass(long flip) throws IOException {
    Socket in = listening.accept();
    Socket out = new Socket(destination.getAddress(), destination.getPort());
    in.setTcpNoDelay(true);
    out.setTcpNoDelay(true);
    sockets.addAll(List.of(in, out));
    Thread.ofVirtual().start(() -> copy(in, out, flip));
    Thread.ofVirtual().start(() -> copy(out, in, Long.MAX_VALUE));
  }

  private static void copy(Socket from, Socket to, long flip) {
    byte[] buffer = new byte[BUFFER_BYTES];
    long at = 0;
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
        if (flip >= at && flip < at + read) {
          buffer[(int) (flip - at)] ^= 1;
        }
        out.write(buffer, 0, read);
        at += read;
      }
    } catch (IOException e) {
      System.out.println("a relayed connection ends: " + e.getMessage());
    }
  }
}
