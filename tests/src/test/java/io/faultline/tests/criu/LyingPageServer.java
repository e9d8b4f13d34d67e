package io.faultline.tests.criu;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A page server with one client, which it answers wrongly. Headers are those of CRIU since 4.2: u32
 * command, u32 unused, u64 pages, u64 address, u64 process.
 */
final class LyingPageServer implements AutoCloseable {
  private static final int PAGE = 4096;
  private static final int WIDE = 32;
  private static final int NARROW = 24;

  /** A page that is present, after the flags: ADD_F. */
  private static final int ANSWER = 4 << 16 | 6;

  private static final String OTHER_PROTOCOL =
      "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";

  /** What is wrong with its first answer, and what the client must say about it. */
  enum Lie {
    ANOTHER_PAGE("it is no page server of this dump"),
    MORE_PAGES("it is no page server of this dump"),
    HEADER_OF_OLDER_CRIU("24 bytes, as CRIU up to 4.1.1"),
    ANOTHER_PROTOCOL("it is no page server of this dump"),
    HALF_A_PAGE("closed the connection while"),
    NOTHING("sent nothing for 30 s while");

    private final String answer;

    Lie(String answer) {
      this.answer = answer;
    }

    /** A part of the client's message. */
    String expectedMessage() {
      return answer;
    }
  }

  private final ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());

  private final Lie lie;

  LyingPageServer(Lie lie) throws IOException {
    this.lie = lie;
    Thread.ofPlatform().daemon().name("lying-page-server").start(this::serve);
  }

  int port() {
    return listening.getLocalPort();
  }

  private void serve() {
    try (Socket client = listening.accept()) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      byte[] header = in.readNBytes(WIDE);
      ByteBuffer request = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
      answer(
          client.getOutputStream(), request.getLong(8), request.getLong(16), request.getLong(24));
      if (lie != Lie.HALF_A_PAGE) {
        in.skipNBytes(Long.MAX_VALUE); // until the client ends it
      }
    } catch (IOException e) {
      // the client has ended it
    }
  }

  private void answer(OutputStream out, long pages, long address, long process) throws IOException {
    switch (lie) {
      case ANOTHER_PAGE -> out.write(wide(pages, address + PAGE, process));
      case MORE_PAGES -> out.write(wide(pages + 1, address, process));
      case HEADER_OF_OLDER_CRIU -> {
        out.write(narrow(pages, address, process));
        out.write(new byte[PAGE]);
      }
      case ANOTHER_PROTOCOL -> out.write(OTHER_PROTOCOL.getBytes(StandardCharsets.US_ASCII));
      case HALF_A_PAGE -> {
        out.write(wide(pages, address, process));
        out.write(new byte[PAGE / 2]);
      }
      case NOTHING -> out.flush();
    }
  }

  private static byte[] wide(long pages, long address, long process) {
    ByteBuffer header = ByteBuffer.allocate(WIDE).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(ANSWER).putInt(0).putLong(pages).putLong(address).putLong(process);
    return header.array();
  }

  private static byte[] narrow(long pages, long address, long process) {
    ByteBuffer header = ByteBuffer.allocate(NARROW).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(ANSWER).putInt((int) pages).putLong(address).putLong(process);
    return header.array();
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
