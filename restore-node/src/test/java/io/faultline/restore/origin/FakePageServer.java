package io.faultline.restore.origin;

import io.faultline.restore.image.TestImages;
import io.faultline.restore.pageserver.PageServerHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A page server in a thread: the test decides what it answers. Accepts one connection. */
final class FakePageServer implements AutoCloseable {
  static final int PAGE_BYTES = 4096;

  /** What a server does with a message. */
  interface Behaviour {
    void answer(FakePageServer server, int command, long pages, long address, long target)
        throws IOException;
  }

  private final ServerSocket listener;
  private final PageServerHeader header;
  private final Behaviour behaviour;
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Socket connection = new Socket();

  private FakePageServer(InetAddress address, PageServerHeader header, Behaviour behaviour)
      throws IOException {
    this.header = header;
    this.behaviour = behaviour;
    listener = new ServerSocket(0, 1, address);
    Thread.ofPlatform().daemon().start(this::run);
  }

  static FakePageServer start(PageServerHeader header, Behaviour behaviour) throws IOException {
    return new FakePageServer(InetAddress.getLoopbackAddress(), header, behaviour);
  }

  static FakePageServer start(InetAddress address, Behaviour behaviour) throws IOException {
    return new FakePageServer(address, PageServerHeader.WIDE, behaviour);
  }

  /** Answers correctly. */
  void answerAll(int command, long pages, long address, long target) throws IOException {
    if (command == 7) {
      send(header, 0x40006, pages, address, target);
      sendPages(address, (int) pages);
    } else {
      sendInt(0);
    }
  }

  /** Sends a header of any family. */
  void send(PageServerHeader as, int command, long pages, long address, long target)
      throws IOException {
    ByteBuf bytes = Unpooled.buffer(32);
    as.write(bytes, command & 0xffff, command >>> 16, pages, address, target);
    raw(ByteBufUtil.getBytes(bytes));
  }

  /** Sends pages: {@link TestImages#word} with the seed 5 and the number of the address's page. */
  void sendPages(long address, int pages) throws IOException {
    ByteBuf bytes = Unpooled.buffer(pages * PAGE_BYTES);
    for (int i = 0; i < pages * PAGE_BYTES; i += Long.BYTES) {
      bytes.writeLong(word(address + i));
    }
    raw(ByteBufUtil.getBytes(bytes));
  }

  static long word(long address) {
    return TestImages.word(5, address / PAGE_BYTES, (int) (address % PAGE_BYTES));
  }

  void sendInt(int value) throws IOException {
    raw(ByteBufUtil.getBytes(Unpooled.buffer(4).writeIntLE(value)));
  }

  void raw(byte[] bytes) throws IOException {
    OutputStream out = connection.getOutputStream();
    out.write(bytes);
    out.flush();
  }

  /** Ends the stream. */
  void hangUp() throws IOException {
    connection.close();
  }

  private void run() {
    try {
      connection = listener.accept();
      DataInputStream in = new DataInputStream(connection.getInputStream());
      ByteBuf bytes = Unpooled.buffer(32);
      byte[] next = new byte[header.bytes()];
      while (in.readNBytes(next, 0, next.length) == next.length) {
        bytes.clear().writeBytes(next);
        int command = header.command(bytes, 0);
        log.add(command == 7 ? "get" : "command " + command);
        behaviour.answer(
            this,
            command,
            header.pages(bytes, 0),
            header.address(bytes, 0),
            header.target(bytes, 0));
      }
      log.add("end of stream");
    } catch (SocketException e) {
      log.add("reset".equals(kind(e)) ? "reset" : e.getMessage());
    } catch (IOException e) {
      log.add(e.toString());
    } finally {
      ended.countDown();
    }
  }

  private static String kind(SocketException e) {
    return String.valueOf(e.getMessage()).contains("reset") ? "reset" : "";
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  List<String> log() {
    return log;
  }

  /** How the connection ended. */
  String end() throws InterruptedException {
    if (!ended.await(60, TimeUnit.SECONDS)) {
      return "still connected";
    }
    return log.getLast();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    connection.close();
  }
}
