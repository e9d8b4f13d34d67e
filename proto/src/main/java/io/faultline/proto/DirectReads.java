package io.faultline.proto;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a connection directly from its socket, bypassing the channel's reads, buffers and pipeline.
 * For requests and replies of single pages these take longer than everything else that a process
 * does for a fault (docs/performance.md). Page data with a target address ({@link
 * FrameReceiver#payloadPlace}) is read into it without an intermediate copy. A {@link SocketPoll}
 * says when.
 *
 * <p>Confined to the connection's event loop.
 */
public final class DirectReads implements SocketPoll.Reader {
  private static final int BUFFER_BYTES = 64 << 10;

  /** Reads per event, as in Netty; then the loop serves its other descriptors. */
  private static final int MAX_READS = 16;

  /** As Netty returns it: the kernel cannot write to the address, such as for lack of memory. */
  private static final int EFAULT = -14;

  /** The kernel read nothing, since it cannot write to the place. */
  private static final int REFUSED = -2;

  private final EpollSocketChannel channel;
  private final Socket socket;
  private final FrameDecoder decoder;
  private final ByteBuf buffer;
  private final long address;
  private @Nullable SocketPoll poll;

  private DirectReads(EpollSocketChannel channel, Socket socket, FrameDecoder decoder) {
    this.channel = channel;
    this.socket = socket;
    this.decoder = decoder;
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
      boolean _ = SocketPoll.start(epoll, loop, socket, new DirectReads(epoll, socket, decoder));
    }
  }

  @Override
  public void started(SocketPoll made) {
    poll = made;
    decoder.readBy(this);
    if (!decoder.isPaused()) {
      made.resume();
    }
  }

  /** Stops reading. What was read and not decoded stays in the buffer. */
  void pause() {
    if (poll != null) {
      poll.pause();
    }
  }

  /** Decodes what is left in the buffer, then reads again. */
  void resume() {
    decoder.read(buffer, address);
    if (poll != null && !decoder.isPaused()) {
      poll.resume();
    }
  }

  @Override
  public void readable() throws IOException {
    for (int i = 0; i < MAX_READS && channel.isOpen() && !decoder.isPaused(); i++) {
      long place = decoder.place();
      int wanted = decoder.wantedBytes(place, BUFFER_BYTES);
      int read = receive(place, wanted);
      if (read == REFUSED) {
        decoder.placeRefused();
        continue;
      }
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
  }

  /**
   * Reads to a place, or to the buffer if it is 0; returns the number of bytes, -1 at the end of
   * the stream, or {@link #REFUSED}.
   */
  private int receive(long place, int wanted) throws IOException {
    if (place == 0) {
      return socket.recvAddress(address, 0, wanted);
    }
    try {
      return socket.recvAddress(place, 0, wanted);
    } catch (Errors.NativeIoException e) {
      if (e.expectedErr() != EFAULT) {
        throw e;
      }
      return REFUSED;
    }
  }
}
