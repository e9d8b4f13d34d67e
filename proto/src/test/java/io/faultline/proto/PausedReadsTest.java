package io.faultline.proto;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.StreamEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.Epoll;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A receiver that pauses its connection, read from a real socket, through the pipeline or not. */
final class PausedReadsTest {
  private static final int PAGE_BYTES = 4096;
  private static final int PAGES = 2048;

  /** No process may map it (mmap_min_addr), so that the kernel cannot write to it. */
  private static final long UNWRITABLE = 4096;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everythingArrivesOnceAndInOrder(boolean direct) throws Exception {
    assumeTrue(Epoll.isAvailable(), "Netty's epoll is not available here");
    System.out.println("PausedReadsTest seed " + seed);
    byte[] contents = new byte[PAGES * PAGE_BYTES];
    random.nextBytes(contents);
    try (Transport transport = new Transport();
        Arena arena = Arena.ofShared()) {
      IoEventLoop loop = transport.newLoop("paused-reads");
      Pausing receiver = new Pausing(loop, arena.allocate(contents.length), random.nextLong());
      InetSocketAddress address = listen(transport, loop, receiver, direct);
      try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
        send(socket.getOutputStream(), contents);
        assertThat(receiver.ended.get(60, TimeUnit.SECONDS)).isEqualTo(PAGES);
      }
      assertThat(receiver.bytes.toArray(JAVA_BYTE)).isEqualTo(contents);
      assertThat(receiver.pauses).isGreaterThan(5);
      assertThat(receiver.passedWhilePaused).isZero();
      assertThat(receiver.refused > 0).as("places that could not be written").isEqualTo(direct);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void connectionThatEndsDuringAPauseIsReported(boolean direct) throws Exception {
    assumeTrue(Epoll.isAvailable(), "Netty's epoll is not available here");
    try (Transport transport = new Transport();
        Arena arena = Arena.ofShared()) {
      IoEventLoop loop = transport.newLoop("paused-reads");
      Pausing receiver = new Pausing(loop, arena.allocate(PAGES * PAGE_BYTES), seed);
      receiver.neverResumes = true;
      InetSocketAddress address = listen(transport, loop, receiver, direct);
      try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
        receiver.started.get(60, TimeUnit.SECONDS);
        // Little enough that its end arrives although nothing is read.
        send(socket.getOutputStream(), new byte[4 * PAGE_BYTES]);
        receiver.paused.get(60, TimeUnit.SECONDS);
      }
      if (direct) {
        receiver.closed.get(60, TimeUnit.SECONDS);
        loop.submit(Objects.requireNonNull(receiver.resume)).sync(); // too late: without effect
      } else {
        receiver.neverResumes = false;
        loop.submit(() -> receiver.resumeReads(Objects.requireNonNull(receiver.resume))).sync();
        receiver.closed.get(60, TimeUnit.SECONDS);
      }
      assertThat(receiver.passedWhilePaused).isZero();
    }
  }

  private static InetSocketAddress listen(
      Transport transport, IoEventLoop loop, Pausing receiver, boolean direct) {
    return (InetSocketAddress)
        transport
            .server()
            .group(loop)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new FrameDecoder(receiver));
                    channel.eventLoop().execute(() -> start(channel));
                  }

                  private void start(Channel channel) {
                    if (direct) {
                      DirectReads.start(channel);
                    }
                    receiver.started.complete(true);
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel()
            .localAddress();
  }

  /** Sends runs of random sizes. */
  private void send(OutputStream out, byte[] contents) throws Exception {
    int pages = contents.length / PAGE_BYTES;
    for (int page = 0; page < pages; ) {
      int count = Math.min(pages - page, 1 + random.nextInt(64));
      ByteBuf header = Unpooled.buffer();
      FrameWriter.pages(header, 0, page, count, Encoding.ENCODING_RAW, (long) count * PAGE_BYTES);
      header.readBytes(out, header.readableBytes());
      out.write(contents, page * PAGE_BYTES, count * PAGE_BYTES);
      page += count;
    }
    StreamEnd end = StreamEnd.newBuilder().setPages(pages).build();
    Frame.newBuilder().setStreamEnd(end).build().writeDelimitedTo(out);
  }

  /** Pauses at some pieces of page data, and refuses some places. */
  private static final class Pausing implements FrameReceiver {
    private final IoEventLoop loop;
    private final MemorySegment bytes;
    private final Random random;
    private final CompletableFuture<Long> ended = new CompletableFuture<>();
    private final CompletableFuture<Boolean> paused = new CompletableFuture<>();
    private final CompletableFuture<Boolean> started = new CompletableFuture<>();
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
    private volatile boolean neverResumes;
    private volatile @Nullable Runnable resume;
    private boolean isPaused;
    private boolean isPlaceBad;
    private long at;
    private int pauses;
    private int refused;
    private int passedWhilePaused;

    Pausing(IoEventLoop loop, MemorySegment bytes, long seed) {
      this.loop = loop;
      this.bytes = bytes;
      random = new Random(seed);
    }

    @Override
    public void pages(
        int region, long firstPage, int count, Encoding encoding, long payload, int checksum) {
      passed();
      at = firstPage * PAGE_BYTES;
      isPlaceBad = random.nextInt(3) == 0;
    }

    @Override
    public long payloadPlace() {
      return isPlaceBad ? UNWRITABLE : bytes.address() + at;
    }

    @Override
    public void placeRefused() {
      refused++;
      isPlaceBad = false;
    }

    @Override
    public void pageData(long address, int length) {
      passed();
      if (address != bytes.address() + at) {
        MemorySegment piece = MemorySegment.ofAddress(address).reinterpret(length);
        MemorySegment.copy(piece, 0, bytes, at, length);
      }
      at += length;
      if (neverResumes || random.nextInt(3) == 0) {
        isPaused = true;
        pauses++;
      }
    }

    @Override
    public boolean pauses(Runnable toResume) {
      if (isPaused) {
        resume = toResume;
        paused.complete(true);
        if (!neverResumes) {
          loop.schedule(() -> resumeReads(toResume), 1, TimeUnit.MILLISECONDS);
        }
      }
      return isPaused;
    }

    private void resumeReads(Runnable toResume) {
      isPaused = false;
      toResume.run();
    }

    private void passed() {
      passedWhilePaused += isPaused ? 1 : 0;
    }

    @Override
    public void control(Frame frame) {
      passed();
      ended.complete(frame.getStreamEnd().getPages());
    }

    @Override
    public void closed(Throwable cause) {
      closed.complete(true);
      ended.completeExceptionally(cause);
    }
  }
}
