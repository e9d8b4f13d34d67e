package io.faultline.restore.pageserver;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Arrays;

/** A client of a page server, which sends whatever the test wants. */
final class TestClient implements AutoCloseable {
  private final Socket socket;
  private final DataInputStream in;
  private final PageServerHeader header;

  TestClient(InetSocketAddress address, PageServerHeader header) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort());
    socket.setSoTimeout(10_000);
    in = new DataInputStream(socket.getInputStream());
    this.header = header;
  }

  TestClient send(int command, int flags, long pages, long address, long target)
      throws IOException {
    ByteBuf bytes = Unpooled.buffer();
    header.write(bytes, command, flags, pages, address, target);
    return raw(ByteBufUtil.getBytes(bytes));
  }

  /** Does nothing if the server has closed the connection: {@link #end} shows that. */
  TestClient raw(byte[] bytes) throws IOException {
    try {
      socket.getOutputStream().write(bytes);
    } catch (SocketException e) {
      // it did so as soon as it had refused an earlier command
    }
    return this;
  }

  /** Sends pages whose bytes are a number. */
  TestClient pages(int count, int fill) throws IOException {
    byte[] bytes = new byte[count * PAGE_BYTES];
    Arrays.fill(bytes, (byte) fill);
    return raw(bytes);
  }

  int readByte() throws IOException {
    return in.readByte();
  }

  int readInt() throws IOException {
    return Integer.reverseBytes(in.readInt());
  }

  /**
   * The next answer's command, number of pages, address, target and, in {@link #word}, contents.
   */
  String readAnswer() throws IOException {
    ByteBuf bytes = Unpooled.wrappedBuffer(in.readNBytes(header.bytes()));
    int pages = (int) header.pages(bytes, 0);
    contents = Unpooled.wrappedBuffer(in.readNBytes(pages * PAGE_BYTES));
    return String.format(
        "%d/%d %d at %x of %d, %d bytes",
        header.command(bytes, 0),
        header.flags(bytes, 0),
        pages,
        header.address(bytes, 0),
        header.target(bytes, 0),
        contents.readableBytes());
  }

  private ByteBuf contents = Unpooled.EMPTY_BUFFER;

  /** The first word of a page of the last answer. */
  long word(int page) {
    return contents.getLong(page * PAGE_BYTES);
  }

  /** How the server ends the connection: -1 at the end of the stream. */
  int end() throws IOException {
    return in.read();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
