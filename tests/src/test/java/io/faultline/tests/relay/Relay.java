package io.faultline.tests.relay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Accepts connections of a source on a loopback port, and opens one to the destination for each. A
 * subclass forwards what they carry, and interferes with it. Each connection is relayed by a
 * virtual thread of its own. Thread-safe.
 */
public abstract class Relay implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int BACKLOG = 16;

  private final ServerSocket listening = new ServerSocket(0, BACKLOG, LOOPBACK);
  private final int destinationPort;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /**
   * A relay that does not accept connections before {@link #start}.
   *
   * @param destinationPort where the destination listens on the loopback interface
   */
  protected Relay(int destinationPort) throws IOException {
    this.destinationPort = destinationPort;
  }

  /** Begins to accept connections, once the subclass is constructed. */
  protected final void start() {
    Thread.ofVirtual().start(this::accept);
  }

  /**
   * Relays a connection in both directions until it ends.
   *
   * @param source the source's connection
   * @param destination a new connection to the destination
   * @param number counts the connections of the source, from 0
   * @throws IOException after which both are closed
   */
  protected abstract void relay(Socket source, Socket destination, int number) throws IOException;

  /** The port to give to the source. */
  public final int port() {
    return listening.getLocalPort();
  }

  /** The address to give to the source. */
  public final InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  /** Refuses new connections; existing ones stay open. */
  public final void stopListening() throws IOException {
    listening.close();
  }

  /** Refuses new connections and closes existing ones. */
  @Override
  public final void close() throws IOException {
    listening.close();
    closeConnections();
  }

  /** Closes existing connections. */
  protected final void closeConnections() {
    closeAll(sockets.toArray(Socket[]::new));
  }

  private void accept() {
    try {
      for (int number = 0; true; number++) {
        connect(listening.accept(), number);
      }
    } catch (IOException e) {
      // the listening socket was closed
    }
  }

  /** Closes the source's connection if the destination does not listen. */
  private void connect(Socket source, int number) {
    try {
      Socket destination = new Socket(LOOPBACK, destinationPort);
      source.setTcpNoDelay(true);
      destination.setTcpNoDelay(true);
      sockets.addAll(List.of(source, destination));
      Thread.ofVirtual().start(() -> serve(source, destination, number));
    } catch (IOException e) {
      closeAll(source);
    }
  }

  private void serve(Socket source, Socket destination, int number) {
    try {
      relay(source, destination, number);
    } catch (IOException e) {
      closeAll(source, destination);
    }
  }

  /** Forwards one direction unchanged until it ends, and then closes both sockets. */
  protected static void forward(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // one side broke: the close below notifies the other
    }
    closeAll(from, to);
  }

  /** Closes sockets. */
  protected static void closeAll(Socket... sockets) {
    for (Socket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
