package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.DirectWrites;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.RunChecksum;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.VoidChannelPromise;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Sends pages over a channel. Contents go from guest memory to the socket with no copy in between,
 * so guest memory has to stay mapped until the channel is closed; copied are only what is as short
 * as a base page, since that costs less than a buffer of its own, and what may change between its
 * checksum and its way out. Belongs to the channel's loop.
 *
 * <p>Allocates nothing for a page, and a slice's few bytes for a run: a failed write closes the
 * channel, which its receiver hears of, so that no write needs a promise.
 */
final class ChannelPageSink implements PageSink {
  private static final int MAX_COPIED_BYTES = 4096;

  private final Channel channel;
  private final OutgoingCounters counters;
  private final @Nullable RunChecksum sums;
  private final @Nullable RunCompressor compressor;
  private final @Nullable DirectWrites urgent;
  private final ChannelPromise nobodyAsks;
  private final GuestBuffers guest = new GuestBuffers();

  /** Sends without checksums, and nothing compressed. */
  ChannelPageSink(Channel channel, OutgoingCounters counters) {
    this(channel, counters, false, null, null);
  }

  /**
   * For the background.
   *
   * @param checksums whether both ends want them
   * @param compressor null where nothing is to be compressed
   */
  ChannelPageSink(
      Channel channel,
      OutgoingCounters counters,
      boolean checksums,
      @Nullable RunCompressor compressor) {
    this(channel, counters, checksums, compressor, null);
  }

  /**
   * For answers: short ones go straight to the socket, and nothing is compressed.
   *
   * @param checksums whether both ends want them
   */
  static ChannelPageSink ofAnswers(Channel channel, OutgoingCounters counters, boolean checksums) {
    return new ChannelPageSink(channel, counters, checksums, null, new DirectWrites(channel));
  }

  private ChannelPageSink(
      Channel channel,
      OutgoingCounters counters,
      boolean checksums,
      @Nullable RunCompressor compressor,
      @Nullable DirectWrites urgent) {
    this.channel = channel;
    this.counters = counters;
    this.compressor = compressor;
    this.urgent = urgent;
    sums = checksums ? new RunChecksum() : null;
    nobodyAsks = new VoidChannelPromise(channel, false);
  }

  @Override
  public int sendData(MemoryRegion region, long firstPage, int count) {
    int bytes = Math.toIntExact(count * region.basePageBytes());
    if (compressor != null && compressor.choose(bytes)) {
      ByteBuffer from = guest.bytes(region, firstPage * region.basePageBytes(), bytes);
      int sent = sendCompressed(compressor, region, firstPage, count, from);
      if (sent > 0) {
        return sent;
      }
    }
    if (bytes > MAX_COPIED_BYTES) {
      return sendInPlace(region, firstPage, count, bytes);
    }
    return urgent == null
        ? sendCopy(region, firstPage, count, bytes, false)
        : sendUrgent(urgent, region, firstPage, count, bytes);
  }

  @Override
  public int sendLive(MemoryRegion region, long firstPage, int count) {
    int bytes = Math.toIntExact(count * region.basePageBytes());
    if (compressor != null && compressor.choose(bytes)) {
      long offset = firstPage * region.basePageBytes();
      ByteBuffer from = compressor.snapshot(guest.bytes(region, offset, bytes));
      int sent = sendCompressed(compressor, region, firstPage, count, from);
      if (sent > 0) {
        return sent;
      }
    }
    boolean summed = sums != null && bytes <= RunChecksum.MAX_PAYLOAD_BYTES;
    return bytes <= MAX_COPIED_BYTES || summed
        ? sendCopy(region, firstPage, count, bytes, true)
        : sendInPlace(region, firstPage, count, bytes);
  }

  @Override
  public void sendZeros(MemoryRegion region, long firstPage, int count) {
    write(header(region, firstPage, count, Encoding.ENCODING_ZERO, null));
  }

  @Override
  public void sendCurrent(MemoryRegion region, long firstPage, int count) {
    write(header(region, firstPage, count, Encoding.ENCODING_CURRENT, null));
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
    if (urgent == null) {
      channel.flush();
    } else {
      urgent.flush();
    }
  }

  /** Bytes that wait in Netty's queue. */
  long queuedBytes() {
    ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
    return queue == null ? 0 : queue.totalPendingWriteBytes(); // null once it is closed
  }

  private int sendUrgent(
      DirectWrites to, MemoryRegion region, long firstPage, int count, int bytes) {
    long offset = firstPage * region.basePageBytes();
    ByteBuffer payload = sums == null ? null : guest.bytes(region, offset, bytes);
    int sum = sum(region, firstPage, count, Encoding.ENCODING_RAW, payload);
    ByteBuf out = to.room(FrameWriter.HOT_HEADER_BYTES + bytes);
    int before = out.writerIndex();
    FrameWriter.pages(out, region.id(), firstPage, count, Encoding.ENCODING_RAW, bytes, sum);
    to.append(region.guest().dataAddress(offset), bytes);
    counters.bytesSent.add(out.writerIndex() - before);
    return bytes;
  }

  private int sendInPlace(MemoryRegion region, long firstPage, int count, int bytes) {
    long offset = firstPage * region.basePageBytes();
    ByteBuffer payload = guest.bytes(region, offset, bytes);
    write(header(region, firstPage, count, Encoding.ENCODING_RAW, payload));
    write(guest.slice(region, offset, bytes));
    return bytes;
  }

  /**
   * @param live whether guest memory may change from one look to the next
   */
  private int sendCopy(MemoryRegion region, long firstPage, int count, int bytes, boolean live) {
    long offset = firstPage * region.basePageBytes();
    ByteBuf frame = frame(bytes);
    GuestBuffers.copy(region, offset, bytes, frame);
    int sum = 0;
    if (sums != null) { // a look into the buffer takes an object, one into the guest does not
      ByteBuffer payload =
          live
              ? frame.internalNioBuffer(FrameWriter.HOT_HEADER_BYTES, bytes)
              : guest.bytes(region, offset, bytes);
      sum = sums.of(region.id(), firstPage, count, Encoding.ENCODING_RAW, payload);
    }
    FrameWriter.prependPages(frame, region.id(), firstPage, count, Encoding.ENCODING_RAW, sum);
    write(frame);
    return bytes;
  }

  /** Returns bytes sent; 0 where they did not get fewer, so that nothing was sent. */
  private int sendCompressed(
      RunCompressor with, MemoryRegion region, long firstPage, int count, ByteBuffer from) {
    ByteBuffer payload = with.compress(from, count);
    int bytes = payload.remaining();
    if (bytes > 0) {
      Encoding encoding = with.encoding();
      ByteBuf frame = frame(bytes);
      int sum = sum(region, firstPage, count, encoding, payload);
      frame.writeBytes(payload.rewind());
      FrameWriter.prependPages(frame, region.id(), firstPage, count, encoding, sum);
      write(frame);
      channel.flush(); // the link is slow: the next one is compressed meanwhile
    }
    return bytes;
  }

  private void write(ByteBuf bytes) {
    if (urgent != null) {
      urgent.write(); // what was gathered goes before
    }
    counters.bytesSent.add(bytes.readableBytes());
    channel.write(bytes, nobodyAsks);
  }

  /** A buffer for a payload, with room in front for its header. */
  private ByteBuf frame(int payloadBytes) {
    ByteBuf frame = channel.alloc().directBuffer(FrameWriter.HOT_HEADER_BYTES + payloadBytes);
    return frame.writerIndex(FrameWriter.HOT_HEADER_BYTES);
  }

  private ByteBuf header(
      MemoryRegion region,
      long firstPage,
      int count,
      Encoding encoding,
      @Nullable ByteBuffer payload) {
    int bytes = payload == null ? 0 : payload.remaining();
    int sum = sum(region, firstPage, count, encoding, payload);
    ByteBuf header = channel.alloc().directBuffer(FrameWriter.HOT_HEADER_BYTES);
    FrameWriter.pages(header, region.id(), firstPage, count, encoding, bytes, sum);
    return header;
  }

  private int sum(
      MemoryRegion region,
      long firstPage,
      int count,
      Encoding encoding,
      @Nullable ByteBuffer payload) {
    return sums == null ? 0 : sums.of(region.id(), firstPage, count, encoding, payload);
  }
}
