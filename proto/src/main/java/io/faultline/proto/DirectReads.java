package io.faultline.proto;

import io.faultline.proto.linux.Descriptors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Reads a connection directly from its socket, bypassing the channel's reads, buffers and pipeline.
 * For requests and replies of single pages these take longer than everything else that a process
 * does for a fault (docs/performance.md). Page data with a target address ({@link
 * FrameReceiver#payloadPlace}) is read into it without an intermediate copy. The channel keeps its
 * other work: it writes, detects that the peer is gone, and closes.
 *
 * <p>An epoll instance accepts each descriptor once (epoll_ctl(2)), and the channel has registered
 * its own. So the loop polls a duplicate descriptor of the same socket, closed together with the
 * first. (A nested epoll instance would work too; measured, it is slower.)
 *
 * <p>Confined to the connection's event loop.
 */
public final class DirectReads implements EpollIoHandle {
  private static final int BUFFER_BYTES = 64 << 10;

  /** Reads per event, as in Netty; then the loop serves its other descriptors. */
  private static final int MAX_READS = 16;

  private final EpollSocketChannel channel;
  private final Socket socket;
  private final FrameDecoder decoder;
  private final FileDescriptor duplicate;
  private final ByteBuf buffer;
  private final long address;

  private DirectReads(
      EpollSocketChannel channel, Socket socket, FrameDecoder decoder, FileDescriptor duplicate) {
    this.channel = channel;
    this.socket = socket;
    this.decoder = decoder;
    this.duplicate = duplicate;
    ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER_BYTES);
    buffer = Unpooled.wrappedBuffer(bytes);
    address = MemorySegment.ofBuffer(bytes).address();
  }

  /**
   * On the loop: switches a connection to direct reads if it uses epoll, is not encrypted, has a
   * {@link FrameDecoder}, and the process may open one more descriptor. Otherwise does nothing.
   */
  public static void start(Channel channel) {
    if (channel.isOpen()
        && channel instanceof EpollSocketChannel epoll
        && epoll.fd() instanceof Socket socket
        && channel.eventLoop() instanceof IoEventLoop loop
        && channel.pipeline().first() instanceof FrameDecoder decoder) {
      FileDescriptor duplicate = Descriptors.duplicate(socket);
      if (duplicate != null) {
        DirectReads reads = new DirectReads(epoll, socket, decoder, duplicate);
        loop.register(reads)
            .addListener((Future<IoRegistration> result) -> reads.registered(result));
      }
    }
  }

  private void registered(Future<IoRegistration> result) throws IOException {
    if (!result.isSuccess()) { // the loop has ended
      duplicate.close();
      return;
    }
    IoRegistration registration = result.getNow();
    channel
        .closeFuture()
        .addListener(
            closed -> {
              registration.cancel();
              duplicate.close();
            });
    if (channel.isOpen()) {
      channel.config().setAutoRead(false);
      registration.submit(EpollIoOps.EPOLLIN);
    }
  }

  /** The descriptor that the loop polls. */
  @Override
  public FileDescriptor fd() {
    return duplicate;
  }

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    try {
      for (int i = 0; i < MAX_READS && channel.isOpen(); i++) {
        long place = decoder.place();
        int wanted = decoder.wantedBytes(place, BUFFER_BYTES);
        int read = socket.recvAddress(place == 0 ? address : place, 0, wanted);
        if (read < 0) { // end of stream
          channel.close();
          return;
        }
        if (place == 0) {
          decoder.read(buffer.setIndex(0, read), address);
        } else if (read > 0) {
          decoder.readInPlace(place, read);
        }
        if (read < wanted) {
          break;
        }
      }
      decoder.readComplete();
    } catch (IOException | RuntimeException | Error e) { // the loop would only log it
      channel.pipeline().fireExceptionCaught(e);
    }
  }

  /** The descriptor is closed with the connection. */
  @Override
  public void close() {}
}
