package io.faultline.restore.rehearsal;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.restore.image.PageFlags;
import io.faultline.restore.pageserver.PageServerCommand;
import io.faultline.restore.pageserver.PageServerHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Serves pages of zeros to one client on the loopback interface, as a page server of CRIU does, on
 * a thread of its own.
 */
final class RehearsedPageServer implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 5000;
  private static final PageServerHeader HEADER = PageServerHeader.WIDE;

  private final ServerSocket listener;

  private RehearsedPageServer(ServerSocket listener) {
    this.listener = listener;
  }

  /** Starts it. */
  static RehearsedPageServer start() throws IOException {
    ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    listener.setSoTimeout(TIMEOUT_MILLIS);
    RehearsedPageServer server = new RehearsedPageServer(listener);
    Thread.ofPlatform().daemon().name("rehearsed-page-server").start(server::run);
    return server;
  }

  String host() {
    return listener.getInetAddress().getHostAddress();
  }

  int port() {
    return listener.getLocalPort();
  }

  private void run() {
    try (Socket client = listener.accept()) {
      client.setSoTimeout(TIMEOUT_MILLIS);
      client.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(client.getInputStream());
      OutputStream out = client.getOutputStream();
      while (answer(in, out)) {}
    } catch (IOException e) {
      // the client is gone, or there never was one: it knows why
    }
  }

  /** Answers a command; returns whether more follow. */
  private static boolean answer(InputStream in, OutputStream out) throws IOException {
    ByteBuf command = Unpooled.wrappedBuffer(in.readNBytes(HEADER.bytes()));
    if (command.readableBytes() < HEADER.bytes()) {
      return false;
    }
    if (HEADER.command(command, 0) != PageServerCommand.GET) { // the end of the session
      out.write(new byte[Integer.BYTES]);
      return false;
    }
    int pages = (int) HEADER.pages(command, 0);
    ByteBuf header = Unpooled.buffer(HEADER.bytes());
    HEADER.write(
        header,
        PageServerCommand.ADD_WITH_FLAGS,
        PageFlags.PRESENT,
        pages,
        HEADER.address(command, 0),
        HEADER.target(command, 0));
    out.write(header.array(), 0, header.readableBytes());
    out.write(new byte[pages * PAGE_BYTES]);
    return true;
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
