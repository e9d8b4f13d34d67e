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
 * Gathers short urgent frames and writes them directly to a connection's socket, bypassing the
 * channel's pipeline and queue while that queue is empty (for the reason see {@link DirectReads}).
 * Bytes that the socket does not accept immediately go through the queue, and so does everything on
 * a connection that is encrypted or does not use epoll.
 *
 * <p>Other writers to the channel must call {@link #write} first, or their frames overtake the
 * gathered ones.
 *
 * <p>The direct path allocates nothing. A failed write closes the channel, which notifies its
 * receiver. Confined to the connection's event loop.
 */
public final class DirectWrites {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final Channel channel;
  private final @Nullable Socket socket;
  private final ChannelPromise ignored;
  private final ByteBuf buffer;
  private final long address;

  public DirectWrites(Channel channel) {
    this.channel = channel;
    boolean plain = channel.pipeline().first() instanceof FrameDecoder;
    socket =
        plain && channel instanceof EpollSocketChannel epoll && epoll.fd() instanceof Socket direct
            ? direct
            : null;
    ignored = new VoidChannelPromise(channel, false);
    ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER_BYTES);
    buffer = Unpooled.wrappedBuffer(bytes).clear();
    address = MemorySegment.ofBuffer(bytes).address();
  }

  /**
   * The buffer to append frames to; the caller must not release it.
   *
   * @param bytes how many will be appended, at most 32 KiB
   */
  public ByteBuf room(int bytes) {
    if (buffer.writableBytes() < bytes) {
      write();
    }
    return buffer;
  }

  /** Appends memory, for which the caller has made {@link #room}. */
  public void append(long from, int bytes) {
    MemorySegment.copy(ALL, from, ALL, address + buffer.writerIndex(), bytes);
    buffer.writerIndex(buffer.writerIndex() + bytes);
  }

  /** Writes the gathered frames; some may stay in the channel's queue until {@link #flush}. */
  public void write() {
    if (socket != null && queueIsEmpty()) {
      send(socket);
    }
    if (buffer.isReadable()) {
      ByteBuf left = channel.alloc().directBuffer(buffer.readableBytes());
      channel.write(left.writeBytes(buffer), ignored);
    }
    buffer.clear();
  }

  /** Writes the gathered frames and flushes the channel's queue. */
  public void flush() {
    if (buffer.isReadable()) {
      write();
    }
    if (!queueIsEmpty()) {
      channel.flush();
    }
  }

  private boolean queueIsEmpty() {
    ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
    return queue != null && queue.totalPendingWriteBytes() == 0; // each entry counts more than 0
  }

  private void send(Socket to) {
    try {
      buffer.skipBytes(to.sendAddress(address, buffer.readerIndex(), buffer.writerIndex()));
    } catch (IOException e) {
      // The write through the queue fails in the same way, and closes the channel.
    }
  }
}
