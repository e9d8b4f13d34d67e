package io.faultline.proto;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * Gives each read of a connection the buffer that its decoder wants: page data that has a place is
 * read straight there, with no copy in between. Belongs to one connection.
 */
public final class FrameReads extends DefaultMaxMessagesRecvByteBufAllocator {
  private final FrameDecoder decoder;
  private final int usualBytes;

  private FrameReads(FrameDecoder decoder, int usualBytes) {
    this.decoder = decoder;
    this.usualBytes = usualBytes;
  }

  /**
   * Has a connection read so; before its first read.
   *
   * @param usualBytes the size of the buffer for all that has no place
   */
  public static void install(Channel channel, FrameDecoder decoder, int usualBytes) {
    channel.config().setRecvByteBufAllocator(new FrameReads(decoder, usualBytes));
  }

  @Override
  @SuppressWarnings("deprecation") // Netty's own channels ask for this handle
  public Handle newHandle() {
    return new MaxMessageHandle() {
      @Override
      public ByteBuf allocate(ByteBufAllocator allocator) {
        return decoder.nextBuffer(allocator, usualBytes);
      }

      @Override
      public int guess() {
        return usualBytes;
      }
    };
  }
}
