package io.faultline.restore.frozen;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Answers CLOSE as a dump of CRIU 4.1 does. Thread-safe. */
final class RehearsedDumpEnd implements AutoCloseable {
  private static final int HEADER_BYTES = 24;
  private static final int TIMEOUT_MILLIS = 5000;

  private final ServerSocket listening;

  RehearsedDumpEnd() throws IOException {
    listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    listening.setSoTimeout(TIMEOUT_MILLIS);
    Thread.ofPlatform().daemon().name("rehearsed-dump").start(this::answer);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  private void answer() {
    try (Socket socket = listening.accept()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      if (socket.getInputStream().readNBytes(HEADER_BYTES).length == HEADER_BYTES) {
        socket.getOutputStream().write(new byte[Integer.BYTES]);
        int _ = socket.getInputStream().read(); // until it is closed
      }
    } catch (IOException e) {
      // then the rehearsal fails, and says why
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
