package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.proto.wire.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.epoll.Epoll;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Direct reads and writes on a real connection. */
@Timeout(120)
final class DirectSocketTest {
  private static final int REQUESTS = 50_000;
  private static final int BYTES = 16 << 20;

  private final Transport transport = new Transport();
  private final CompletableFuture<Channel> accepted = new CompletableFuture<>();
  private final Requests requests = new Requests();
  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private Channel channel;
  private Socket peer;

  @BeforeEach
  void connect() throws Exception {
    assumeTrue(Epoll.isAvailable(), "Netty's epoll is not available here");
    System.out.println("DirectSocketTest seed " + seed);
    Channel listening =
        transport
            .server()
            .group(transport.newLoop("fl-test"))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel accepting) {
                    accepting.pipeline().addLast(new FrameDecoder(requests));
                  }

                  @Override
                  public void handlerRemoved(io.netty.channel.ChannelHandlerContext ctx) {
                    accepted.complete(ctx.channel());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
    InetSocketAddress address = (InetSocketAddress) listening.localAddress();
    peer = new Socket(address.getAddress(), address.getPort());
    channel = accepted.get(60, TimeUnit.SECONDS);
    channel.pipeline().get(FrameDecoder.class).handOver(requests);
    channel.eventLoop().submit(() -> DirectReads.start(channel)).sync();
  }

  @AfterEach
  void close() throws Exception {
    if (peer != null) {
      peer.close();
    }
    transport.close();
  }

  @Test
  void framesAreReadInOrderHoweverTheyAreSplit() throws Exception {
    assertThat(channel.config().isAutoRead()).as("whether the channel reads too").isFalse();
    ByteBuf frames = Unpooled.buffer();
    for (int page = 0; page < REQUESTS; page++) {
      FrameWriter.request(frames, 1, page);
    }
    while (frames.isReadable()) {
      int piece = Math.min(frames.readableBytes(), 1 + random.nextInt(200_000));
      frames.readBytes(peer.getOutputStream(), piece);
    }
    peer.close();
    assertThat(requests.ended.get(60, TimeUnit.SECONDS)).hasMessageContaining("by the peer");
    assertThat(requests.pages).hasSize(REQUESTS).isSorted().doesNotHaveDuplicates();
    assertThat(requests.completes).isBetween(1, REQUESTS);
  }

  @Test
  void malformedFrameClosesTheConnection() throws Exception {
    peer.getOutputStream().write(new byte[] {0, 1, 2});
    assertThat(requests.ended.get(60, TimeUnit.SECONDS)).isInstanceOf(WireException.class);
    assertThat(peer.getInputStream().read()).as("end of stream at the peer").isEqualTo(-1);
  }

  @Test
  void exceptionFromTheReceiverClosesTheConnection() throws Exception {
    requests.throwing = true;
    ByteBuf frame = Unpooled.buffer();
    FrameWriter.request(frame, 1, 1);
    frame.readBytes(peer.getOutputStream(), frame.readableBytes());
    assertThat(requests.ended.get(60, TimeUnit.SECONDS)).hasMessage("broken");
    assertThat(peer.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void closingTheChannelClosesTheDuplicateDescriptor() throws Exception {
    channel.close().sync();
    assertThat(peer.getInputStream().read()).isEqualTo(-1);
    assertThat(requests.ended.get(60, TimeUnit.SECONDS)).isNotNull();
  }

  /** Writes far more than the socket accepts, mixed with writes through the channel. */
  @Test
  void bytesThatTheSocketDoesNotAcceptFollowInOrder() throws Exception {
    byte[] contents = new byte[BYTES];
    random.nextBytes(contents);
    channel.eventLoop().submit(() -> writeAll(contents)).sync();
    assertThat(peer.getInputStream().readNBytes(BYTES)).isEqualTo(contents);
    channel.eventLoop().submit(() -> writeAll(contents)).sync();
    assertThat(peer.getInputStream().readNBytes(BYTES)).isEqualTo(contents);
  }

  private void writeAll(byte[] contents) {
    DirectWrites writes = new DirectWrites(channel);
    for (int at = 0; at < BYTES; ) {
      int piece = Math.min(BYTES - at, 1 + random.nextInt(8192));
      if (random.nextInt(50) == 0) {
        writes.write();
        channel.write(Unpooled.copiedBuffer(contents, at, piece));
      } else {
        writes.room(piece).writeBytes(contents, at, piece);
      }
      if (random.nextInt(10) == 0) {
        writes.flush();
      }
      at += piece;
    }
    writes.flush();
  }

  @Test
  void gatheredFramesAreWrittenDirectlyToTheSocket() throws Exception {
    channel
        .eventLoop()
        .submit(
            () -> {
              DirectWrites writes = new DirectWrites(channel);
              writes.room(3).writeBytes(new byte[] {1, 2, 3});
              writes.write(); // without a flush
            })
        .sync();
    assertThat(peer.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
  }

  private static final class Requests implements FrameReceiver {
    private final List<Long> pages = new ArrayList<>();
    private final CompletableFuture<Throwable> ended = new CompletableFuture<>();
    private volatile boolean throwing;
    private int completes;

    @Override
    public void request(int region, long page) {
      pages.add(page);
    }

    @Override
    public void readComplete() {
      completes++;
      if (throwing) {
        throw new IllegalStateException("broken");
      }
    }

    @Override
    public void control(Frame frame) throws WireException {
      throw new WireException("an unexpected frame");
    }

    @Override
    public void closed(Throwable cause) {
      ended.complete(cause);
    }
  }
}
