package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.VoidChannelPromise;

/**
 * Sends pages over a channel. Contents go from guest memory to the socket with no copy in between,
 * so guest memory has to stay mapped until the channel is closed; only what is as short as a base
 * page is copied behind its header, which costs less than a buffer of its own. Belongs to the
 * channel's loop.
 *
 * <p>Allocates nothing for a page, and a slice's few bytes for a run: a failed write closes the
 * channel, which its receiver hears of, so that no write needs a promise.
 */
final class ChannelPageSink implements PageSink {
  private static final int MAX_COPIED_BYTES = 4096;

  private final Channel channel;
  private final OutgoingCounters counters;
  private final ChannelPromise nobodyAsks;
  private final GuestBuffers guest = new GuestBuffers();

  ChannelPageSink(Channel channel, OutgoingCounters counters) {
    this.channel = channel;
    this.counters = counters;
    nobodyAsks = new VoidChannelPromise(channel, false);
  }

  @Override
  public void sendData(MemoryRegion region, long firstPage, int count) {
    int bytes = Math.toIntExact(count * region.basePageBytes());
    long offset = firstPage * region.basePageBytes();
    boolean copied = bytes <= MAX_COPIED_BYTES;
    ByteBuf header =
        header(region, firstPage, count, Encoding.ENCODING_RAW, bytes, copied ? bytes : 0);
    if (copied) {
      GuestBuffers.copy(region, offset, bytes, header);
    }
    write(header);
    if (!copied) {
      write(guest.slice(region, offset, bytes));
    }
  }

  @Override
  public void sendZeros(MemoryRegion region, long firstPage, int count) {
    write(header(region, firstPage, count, Encoding.ENCODING_ZERO, 0, 0));
  }

  @Override
  public void sendCurrent(MemoryRegion region, long firstPage, int count) {
    write(header(region, firstPage, count, Encoding.ENCODING_CURRENT, 0, 0));
  }

  @Override
  public void send(Frame frame) {
    write(FrameWriter.frame(channel.alloc(), frame));
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public void flush() {
    channel.flush();
  }

  private void write(ByteBuf bytes) {
    counters.bytesSent.add(bytes.readableBytes());
    channel.write(bytes, nobodyAsks);
  }

  /**
   * @param room for so many bytes behind it
   */
  private ByteBuf header(
      MemoryRegion region, long firstPage, int count, Encoding encoding, long bytes, int room) {
    ByteBuf header = channel.alloc().directBuffer(FrameWriter.HOT_HEADER_BYTES + room);
    FrameWriter.pages(header, region.id(), firstPage, count, encoding, bytes);
    return header;
  }
}
