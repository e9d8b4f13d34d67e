package io.faultline.restore.origin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Gathers requests and writes them with one system call, bypassing the channel's queue while it is
 * empty and the connection is neither encrypted nor without epoll. Confined to the session's event
 * loop.
 */
final class RequestWriter {
  private static final int INITIAL_BYTES = 16 << 10;

  private final ByteBuf gathered = Unpooled.directBuffer(INITIAL_BYTES);
  private @Nullable Channel channel;
  private @Nullable Socket socket;

  /**
   * The connection is ready.
   *
   * @param direct its socket if it can be written directly
   */
  void start(Channel to, @Nullable Socket direct) {
    channel = to;
    socket = direct;
    flush();
  }

  /** The buffer to append to. */
  ByteBuf gathered() {
    return gathered;
  }

  /** Writes what is gathered, or keeps it until the connection is ready. */
  void flush() {
    Channel to = channel;
    if (to == null || !gathered.isReadable()) {
      return;
    }
    if (socket != null && queueIsEmpty(to)) {
      send(socket);
    }
    if (gathered.isReadable()) {
      ByteBuf rest = to.alloc().directBuffer(gathered.readableBytes());
      to.writeAndFlush(rest.writeBytes(gathered), to.voidPromise());
    }
    gathered.clear();
  }

  private static boolean queueIsEmpty(Channel channel) {
    ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
    return queue != null && queue.totalPendingWriteBytes() == 0; // each entry counts more than 0
  }

  private void send(Socket to) {
    try {
      long address = gathered.memoryAddress();
      gathered.skipBytes(to.sendAddress(address, gathered.readerIndex(), gathered.writerIndex()));
    } catch (IOException e) {
      // The write through the queue fails in the same way, and closes the channel.
    }
  }

  /** Frees the buffer. */
  void close() {
    channel = null;
    socket = null;
    gathered.release();
  }
}
