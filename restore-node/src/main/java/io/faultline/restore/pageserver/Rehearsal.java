package io.faultline.restore.pageserver;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.proto.NodeEnvironment;
import io.faultline.restore.image.PageFlags;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Receives a dump of a made-up process before a real one: a JVM takes a third of a second to load
 * and compile what the first session needs, for which a real process would stay frozen.
 */
final class Rehearsal {
  private static final int ENTRIES = 64;
  private static final int PAGES = 64;
  private static final long ADDRESS = 1L << 32;
  private static final long TARGET = 1 << 8 | 1;
  private static final int TIMEOUT_MILLIS = 5000;

  private Rehearsal() {}

  /** Runs a session on the loopback interface. If that fails, nothing is lost but time. */
  static void run(NodeEnvironment environment) {
    try {
      Path directory = Files.createTempDirectory("faultline-rehearsal");
      try {
        PageServerOptions options = PageServerOptions.receive(directory, "127.0.0.1", 0);
        try (PageServer server = PageServer.startNow(options, environment, new NoListener())) {
          InetSocketAddress address = server.address();
          if (address != null) {
            dump(address);
            server.done().get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
          }
        }
      } finally {
        delete(directory);
      }
    } catch (IOException | ExecutionException | TimeoutException e) {
      // no room in the temporary directory, or no loopback interface: the first dump is slower
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void dump(InetSocketAddress address) throws IOException {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      send(out, PageServerCommand.OPEN_ANSWERED, 0, 0, 0);
      in.skipNBytes(Byte.BYTES);
      byte[] contents = new byte[PAGES * PAGE_BYTES];
      for (int i = 0; i < ENTRIES; i++) {
        long at = ADDRESS + (long) i * contents.length;
        send(out, PageServerCommand.ADD_WITH_FLAGS, PageFlags.PRESENT, PAGES, at);
        out.write(contents);
      }
      send(out, PageServerCommand.CLOSE, 0, 0, 0);
      in.skipNBytes(Integer.BYTES);
    }
  }

  private static void send(OutputStream out, int command, int flags, int pages, long address)
      throws IOException {
    ByteBuf header = Unpooled.buffer(PageServerHeader.WIDE.bytes());
    PageServerHeader.WIDE.write(header, command, flags, pages, address, TARGET);
    out.write(header.array(), 0, header.readableBytes());
  }

  private static void delete(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  /** Reports nothing: this session is not the user's. */
  private static final class NoListener implements PageServerListener {
    @Override
    public void listening(InetSocketAddress address) {}

    @Override
    public void sessionFailed(String message) {}

    @Override
    public void served(InetSocketAddress client, long pages) {}
  }
}
