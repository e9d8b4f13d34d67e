package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;

/**
 * Sends pages over a channel. Contents go from guest memory to the socket with no copy in between,
 * so guest memory has to stay mapped until the channel is closed. Belongs to the channel's loop.
 */
final class ChannelPageSink implements PageSink {
  private final Channel channel;
  private final OutgoingCounters counters;

  ChannelPageSink(Channel channel, OutgoingCounters counters) {
    this.channel = channel;
    this.counters = counters;
  }

  @Override
  public void sendData(MemoryRegion region, long firstPage, int count) {
    long bytes = count * region.basePageBytes();
    header(region, firstPage, count, Encoding.ENCODING_RAW, bytes);
    long offset = firstPage * region.basePageBytes();
    channel.write(
        Unpooled.wrappedBuffer(region.guest().data().asSlice(offset, bytes).asByteBuffer()));
    counters.bytesSent.add(bytes);
  }

  @Override
  public void sendZeros(MemoryRegion region, long firstPage, int count) {
    header(region, firstPage, count, Encoding.ENCODING_ZERO, 0);
  }

  @Override
  public void sendCurrent(MemoryRegion region, long firstPage, int count) {
    header(region, firstPage, count, Encoding.ENCODING_CURRENT, 0);
  }

  @Override
  public void send(Frame frame) {
    ByteBuf bytes = FrameWriter.frame(channel.alloc(), frame);
    counters.bytesSent.add(bytes.readableBytes());
    channel.write(bytes);
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public void flush() {
    channel.flush();
  }

  private void header(
      MemoryRegion region, long firstPage, int count, Encoding encoding, long bytes) {
    ByteBuf header = channel.alloc().directBuffer(FrameWriter.HOT_HEADER_BYTES);
    FrameWriter.pages(header, region.id(), firstPage, count, encoding, bytes);
    counters.bytesSent.add(header.readableBytes());
    channel.write(header);
  }
}
