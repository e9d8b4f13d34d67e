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
 * Reads a connection straight from its socket, past the channel's reads, buffers and pipeline:
 * where single pages are asked for and answered, those take longer than all else that a process
 * does for a fault (docs/performance.md); and page data that has a place ({@link
 * FrameReceiver#payloadPlace}) is read there, with no copy in between. For all else the channel
 * stays what it is: it writes, hears that the peer is gone, and closes.
 *
 * <p>A loop's epoll instance has each descriptor once (epoll_ctl(2)), and the channel is there with
 * this one. So the loop polls a second descriptor of the same socket, which is closed with the
 * first. (An epoll instance around the socket would do as well, and is slower: it was measured.)
 *
 * <p>Belongs to the connection's loop.
 */
public final class DirectReads implements EpollIoHandle {
  private static final int BUFFER_BYTES = 64 << 10;

  /** At one event, as Netty has it; then it is the turn of what else the loop polls. */
  private static final int MOST_READS = 16;

  private final EpollSocketChannel channel;
  private final Socket socket;
  private final FrameDecoder decoder;
  private final FileDescriptor second;
  private final ByteBuf buffer;
  private final long address;

  private DirectReads(
      EpollSocketChannel channel, Socket socket, FrameDecoder decoder, FileDescriptor second) {
    this.channel = channel;
    this.socket = socket;
    this.decoder = decoder;
    this.second = second;
    ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER_BYTES);
    buffer = Unpooled.wrappedBuffer(bytes);
    address = MemorySegment.ofBuffer(bytes).address();
  }

  /**
   * Loop: reads a connection so from here on, if it is one of epoll and not encrypted, and has a
   * {@link FrameDecoder}, and the process may have one more descriptor. Else it goes on as it is.
   */
  public static void start(Channel channel) {
    if (channel.isOpen()
        && channel instanceof EpollSocketChannel epoll
        && epoll.fd() instanceof Socket socket
        && channel.eventLoop() instanceof IoEventLoop loop
        && channel.pipeline().first() instanceof FrameDecoder decoder) {
      FileDescriptor second = Descriptors.duplicate(socket);
      if (second != null) {
        DirectReads reads = new DirectReads(epoll, socket, decoder, second);
        loop.register(reads).addListener((Future<IoRegistration> made) -> reads.registered(made));
      }
    }
  }

  private void registered(Future<IoRegistration> made) throws IOException {
    if (!made.isSuccess()) { // the loop has ended
      second.close();
      return;
    }
    IoRegistration registration = made.getNow();
    channel
        .closeFuture()
        .addListener(
            closed -> {
              registration.cancel();
              second.close();
            });
    if (channel.isOpen()) {
      channel.config().setAutoRead(false);
      registration.submit(EpollIoOps.EPOLLIN);
    }
  }

  /** What the loop polls. */
  @Override
  public FileDescriptor fd() {
    return second;
  }

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    try {
      for (int i = 0; i < MOST_READS && channel.isOpen(); i++) {
        long place = decoder.place();
        int wanted = decoder.wantedBytes(place, BUFFER_BYTES);
        int read = socket.recvAddress(place == 0 ? address : place, 0, wanted);
        if (read < 0) { // the peer's end
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
    } catch (IOException | RuntimeException | Error e) { // the loop would log it and go on
      channel.pipeline().fireExceptionCaught(e);
    }
  }

  /** The descriptor is closed with the connection. */
  @Override
  public void close() {}
}
