package io.faultline.proto;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.VoidChannelPromise;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers short urgent frames, and writes them straight to a connection's socket, past the
 * channel's pipeline and queue, while nothing waits there ({@link DirectReads} has the reason).
 * What the socket does not take at once goes by the queue, as all does of a connection that is
 * encrypted, or not of epoll.
 *
 * <p>Whoever else writes to the channel has to have it {@link #write} before, or goes first.
 *
 * <p>Allocates nothing where it goes straight. A write that fails closes the channel, which its
 * receiver hears of. Belongs to the connection's loop.
 */
public final class DirectWrites {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final Channel channel;
  private final @Nullable Socket socket;
  private final ChannelPromise nobodyAsks;
  private final ByteBuf buffer;
  private final long address;

  public DirectWrites(Channel channel) {
    this.channel = channel;
    boolean plain = channel.pipeline().first() instanceof FrameDecoder;
    socket =
        plain && channel instanceof EpollSocketChannel epoll && epoll.fd() instanceof Socket direct
            ? direct
            : null;
    nobodyAsks = new VoidChannelPromise(channel, false);
    ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER_BYTES);
    buffer = Unpooled.wrappedBuffer(bytes).clear();
    address = MemorySegment.ofBuffer(bytes).address();
  }

  /**
   * The buffer that frames are appended to, not to be released.
   *
   * @param bytes that are to be appended, at most 32 KiB
   */
  public ByteBuf room(int bytes) {
    if (buffer.writableBytes() < bytes) {
      write();
    }
    return buffer;
  }

  /** Appends memory; the {@link #room} for it must be there. */
  public void append(long from, int bytes) {
    MemorySegment.copy(ALL, from, ALL, address + buffer.writerIndex(), bytes);
    buffer.writerIndex(buffer.writerIndex() + bytes);
  }

  /** Writes what was gathered; some of it may wait for {@link #flush}. */
  public void write() {
    if (socket != null && nothingWaits()) {
      send(socket);
    }
    if (buffer.isReadable()) {
      ByteBuf left = channel.alloc().directBuffer(buffer.readableBytes());
      channel.write(left.writeBytes(buffer), nobodyAsks);
    }
    buffer.clear();
  }

  /** Sends what was gathered, and what waits in the channel's queue. */
  public void flush() {
    if (buffer.isReadable()) {
      write();
    }
    if (!nothingWaits()) {
      channel.flush();
    }
  }

  private boolean nothingWaits() {
    ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
    return queue != null && queue.totalPendingWriteBytes() == 0; // an entry is never 0 there
  }

  private void send(Socket to) {
    try {
      buffer.skipBytes(to.sendAddress(address, buffer.readerIndex(), buffer.writerIndex()));
    } catch (IOException e) {
      // The queue fails in the same way, and tells who has to know.
    }
  }
}
