package io.faultline.restore.origin;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.restore.image.PageFlags;
import io.faultline.restore.pageserver.PageServerCommand;
import io.faultline.restore.pageserver.PageServerHeader;
import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.linux.process.TcpProgress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A program that reads and writes any number of bytes at a time ends after any of them; the next
 * one finds its place in both streams of a real connection.
 */
@Timeout(120)
class RequestJournalTest {
  private static final int PID = 7;
  private static final int PROGRAMS = 60;
  private static final int MOST_PAGES = 4;
  private static final int LOWEST_PAGE = 1 << 16;

  @TempDir private Path directory;

  /** Answers requests with the number of each page in its first word, often fewer than asked. */
  private static void serve(ServerSocket listening, PageServerHeader header, long seed) {
    Random random = new Random(seed);
    try (java.net.Socket client = listening.accept();
        DataInputStream in = new DataInputStream(client.getInputStream());
        OutputStream out = client.getOutputStream()) {
      client.setTcpNoDelay(true);
      while (true) {
        ByteBuf request = Unpooled.wrappedBuffer(in.readNBytes(header.bytes()));
        if (!request.isReadable()) {
          return;
        }
        int pages = 1 + random.nextInt((int) header.pages(request, 0));
        long address = header.address(request, 0);
        ByteBuf answer = Unpooled.buffer();
        header.write(
            answer,
            PageServerCommand.ADD_WITH_FLAGS,
            PageFlags.PRESENT,
            pages,
            address,
            header.target(request, 0));
        for (int i = 0; i < pages; i++) {
          answer.writeLongLE(address / DumpLayout.PAGE_BYTES + i);
          answer.writeZero(DumpLayout.PAGE_BYTES - Long.BYTES);
        }
        answer.readBytes(out, answer.readableBytes());
      }
    } catch (EOFException e) {
      return;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One program after the other on the same connection. */
  private final class Programs implements PageReceiver {
    private final PageServerHeader header;
    private final Socket socket;
    private final Random random;
    private final Set<Long> wanted = new HashSet<>();
    private final Set<Long> asked = new HashSet<>();
    private ByteBuf unsent = Unpooled.directBuffer();
    private RequestQueue queue = new RequestQueue();
    private RequestJournal journal;
    private AnswerParser parser;
    private int arrived;

    Programs(PageServerHeader header, Socket socket, long seed) throws IOException {
      this.header = header;
      this.socket = socket;
      random = new Random(seed);
      journal = RequestJournal.create(path(), header, TcpProgress.of(socket.intValue()));
      parser = new AnswerParser(header, queue, this);
      parser.record(journal);
    }

    private Path path() {
      return directory.resolve("requests");
    }

    /** This program is killed; the next one continues. */
    void next() throws IOException {
      journal.close();
      wanted.clear();
      queue = new RequestQueue();
      journal = RequestJournal.open(path(), header);
      StreamPosition position = journal.find(TcpProgress.of(socket.intValue()));
      unsent = Unpooled.directBuffer().writeBytes(position.unsent());
      position.open().forEach(each -> queue.add(each.pid(), each.address(), each.pages()));
      parser = new AnswerParser(header, queue, this);
      parser.record(journal);
      parser.drop(position.unreadBytes(), position.open().size());
    }

    void step() throws IOException {
      switch (random.nextInt(4)) {
        case 0 -> request();
        case 1 -> send(random.nextInt(unsent.readableBytes() + 1));
        default -> receive(1 + random.nextInt(parser.placeBytes()));
      }
    }

    private void request() {
      int pages = 1 + random.nextInt(MOST_PAGES);
      long page = unwanted(pages);
      queue.add(PID, page * DumpLayout.PAGE_BYTES, pages);
      int start = unsent.writerIndex();
      long address = page * DumpLayout.PAGE_BYTES;
      header.write(unsent, PageServerCommand.GET, 0, pages, address, PID);
      journal.add(unsent, start);
      for (int i = 0; i < pages; i++) {
        wanted.add(page + i);
      }
    }

    /** Each page of a program is asked for once, so that each answer is expected once. */
    private long unwanted(int pages) {
      while (true) {
        long first = (long) LOWEST_PAGE + random.nextInt(1 << 20);
        if (LongStream.range(first, first + pages).noneMatch(asked::contains)) {
          LongStream.range(first, first + pages).forEach(asked::add);
          return first;
        }
      }
    }

    private void send(int bytes) throws IOException {
      int from = unsent.readerIndex();
      if (bytes > 0) {
        unsent.skipBytes(socket.sendAddress(unsent.memoryAddress(), from, from + bytes));
      }
    }

    private void receive(int bytes) throws IOException {
      int read = socket.recvAddress(parser.place(), 0, bytes);
      if (read > 0) {
        parser.written(read);
      }
      assertThat(parser.error()).isNull();
    }

    /** Until everything that this program has asked for is answered. */
    void drain() throws IOException {
      while (!wanted.isEmpty()) {
        send(unsent.readableBytes());
        receive(parser.placeBytes());
      }
    }

    @Override
    public void pages(int pid, long address, int pages, long data) {
      MemorySegment contents =
          MemorySegment.ofAddress(data).reinterpret((long) pages * DumpLayout.PAGE_BYTES);
      for (int i = 0; i < pages; i++) {
        long page = address / DumpLayout.PAGE_BYTES + i;
        assertThat(contents.get(JAVA_LONG, (long) i * DumpLayout.PAGE_BYTES)).isEqualTo(page);
        assertThat(wanted.remove(page)).as("page %d was asked for by this program", page).isTrue();
        arrived++;
      }
    }

    @Override
    public void unanswered(int pid, long address, int pages) {
      for (int i = 0; i < pages; i++) {
        wanted.remove(address / DumpLayout.PAGE_BYTES + i);
      }
    }

    @Override
    public void failed(String reason) {
      throw new AssertionError(reason);
    }

    @Override
    public void warning(String message) {
      throw new AssertionError(message);
    }

    @Override
    public void finished() {}

    void close() throws IOException {
      journal.close();
      socket.close();
    }
  }

  private static Socket connect(ServerSocket listening) throws IOException {
    Epoll.ensureAvailability(); // loads the native code of sockets
    Socket socket = Socket.newSocketStream();
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort());
    boolean connected = socket.connect(address);
    while (!connected) {
      connected = socket.finishConnect();
    }
    return socket;
  }

  @ParameterizedTest
  @EnumSource(PageServerHeader.class)
  void eachProgramContinuesWhereTheLastOneEnded(PageServerHeader header) throws Exception {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread server = Thread.ofPlatform().daemon().start(() -> serve(listening, header, seed));
      Programs programs = new Programs(header, connect(listening), seed);
      for (int i = 0; i < PROGRAMS; i++) {
        for (int step = random.nextInt(60); step > 0; step--) {
          programs.step();
        }
        if (i % 3 == 0) {
          programs.drain(); // the server may be slow: something must arrive
        }
        programs.next();
      }
      programs.request();
      programs.drain();
      assertThat(programs.arrived).isGreaterThan(PROGRAMS / 3);
      programs.close();
      server.join();
    }
  }

  @Test
  void journalOfAnotherConnectionIsRefused() throws IOException {
    try (ServerSocket listening = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
      Socket socket = connect(listening);
      Path path = directory.resolve("requests");
      TcpProgress now = TcpProgress.of(socket.intValue());
      assertThat(now.isEstablished()).isTrue();
      RequestJournal.create(path, PageServerHeader.WIDE, now).close();
      try (RequestJournal journal = RequestJournal.open(path, PageServerHeader.WIDE)) {
        TcpProgress other = new TcpProgress(true, now.readBytes(), now.writtenBytes() + 40);
        assertThatThrownBy(() -> journal.find(other))
            .isInstanceOf(IOException.class)
            .hasMessage("requests: does not have the 40 bytes that were sent");
      }
      socket.close();
    }
  }
}
