package io.faultline.restore.frozen;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Listens as a {@code criu dump --lazy-pages} does: for one connection, whose end decides.
 * Thread-safe.
 */
final class FakeDump implements AutoCloseable {
  private static final int CLOSE = 0x1023;

  /** How the session ended. */
  enum End {
    CLOSE,
    RESET,
    END_OF_FILE
  }

  private final ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final int headerBytes;
  private final CompletableFuture<End> end = new CompletableFuture<>();

  /**
   * @param headerBytes 24 or 32
   */
  FakeDump(int headerBytes) throws IOException {
    this.headerBytes = headerBytes;
    Thread.ofVirtual().start(this::serve);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  private void serve() {
    try (Socket socket = listening.accept()) {
      listening.close();
      end.complete(read(socket));
    } catch (IOException e) {
      end.completeExceptionally(e);
    }
  }

  private End read(Socket socket) throws IOException {
    try {
      InputStream in = socket.getInputStream();
      byte[] header = in.readNBytes(headerBytes);
      if (header.length < headerBytes) {
        return End.END_OF_FILE;
      }
      int command = (header[0] & 0xff) | (header[1] & 0xff) << 8;
      if (command != CLOSE) {
        throw new IOException("command " + command);
      }
      socket.getOutputStream().write(new byte[Integer.BYTES]);
      if (in.read() >= 0) {
        throw new IOException("data after CLOSE");
      }
      return End.CLOSE;
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("reset")) {
        return End.RESET;
      }
      throw e;
    }
  }

  /** How the session ended; waits for that. */
  End awaitEnd() throws Exception {
    return end.get(60, TimeUnit.SECONDS);
  }

  boolean hasEnded() {
    return end.isDone();
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
