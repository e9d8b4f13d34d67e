package io.faultline.proto;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.StreamEnd;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Page data with a target address, read from a real socket. */
final class PlacedReadsTest {
  private static final int PAGE_BYTES = 4096;
  private static final int PAGES = 2048;

  @Test
  void pageDataIsReadDirectlyToItsTarget() throws Exception {
    assumeTrue(Epoll.isAvailable(), "Netty's epoll is not available here");
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("PlacedReadsTest seed " + seed);
    Random random = new Random(seed);
    byte[] contents = new byte[PAGES * PAGE_BYTES];
    random.nextBytes(contents);
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try (Arena arena = Arena.ofShared()) {
      Memory memory = new Memory(arena.allocate(contents.length));
      send(listen(group, memory), contents, random);
      assertThat(memory.ended.get(60, TimeUnit.SECONDS)).isEqualTo(PAGES);
      assertThat(memory.bytes.toArray(JAVA_BYTE)).isEqualTo(contents);
      assertThat(memory.inPlaceBytes)
          .as("bytes read without a copy")
          .isGreaterThan(contents.length / 2L);
      assertThat(memory.copiedBytes).as("bytes read together with headers").isPositive();
    } finally {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }
  }

  private static InetSocketAddress listen(MultiThreadIoEventLoopGroup group, Memory memory) {
    return (InetSocketAddress)
        new ServerBootstrap()
            .group(group)
            .channel(EpollServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    FrameDecoder decoder = new FrameDecoder(memory);
                    channel.pipeline().addLast(decoder);
                  }

                  @Override
                  public void handlerRemoved(ChannelHandlerContext ctx) {
                    DirectReads.start(ctx.channel());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel()
            .localAddress();
  }

  /** Sends runs of random sizes. */
  private static void send(InetSocketAddress to, byte[] contents, Random random) throws Exception {
    try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
      OutputStream out = socket.getOutputStream();
      for (int page = 0; page < PAGES; ) {
        int count = Math.min(PAGES - page, 1 + random.nextInt(256));
        ByteBuf header = Unpooled.buffer();
        FrameWriter.pages(header, 0, page, count, Encoding.ENCODING_RAW, (long) count * PAGE_BYTES);
        header.readBytes(out, header.readableBytes());
        out.write(contents, page * PAGE_BYTES, count * PAGE_BYTES);
        page += count;
      }
      StreamEnd end = StreamEnd.newBuilder().setPages(PAGES).build();
      Frame.newBuilder().setStreamEnd(end).build().writeDelimitedTo(out);
    }
  }

  /** Receives pages, and counts the bytes that were read in place and copied. */
  private static final class Memory implements FrameReceiver {
    private final MemorySegment bytes;
    private final CompletableFuture<Long> ended = new CompletableFuture<>();
    private long at;
    private long inPlaceBytes;
    private long copiedBytes;

    Memory(MemorySegment bytes) {
      this.bytes = bytes;
    }

    @Override
    public void pages(
        int region, long firstPage, int count, Encoding encoding, long payload, int checksum) {
      at = firstPage * PAGE_BYTES;
    }

    @Override
    public long payloadPlace() {
      return bytes.address() + at;
    }

    @Override
    public void pageData(long address, int length) {
      if (address == bytes.address() + at) {
        inPlaceBytes += length;
      } else {
        copiedBytes += length;
        MemorySegment piece = MemorySegment.ofAddress(address).reinterpret(length);
        MemorySegment.copy(piece, 0, bytes, at, length);
      }
      at += length;
    }

    @Override
    public void control(Frame frame) {
      ended.complete(frame.getStreamEnd().getPages());
    }

    @Override
    public void closed(Throwable cause) {
      ended.completeExceptionally(cause);
    }
  }
}
