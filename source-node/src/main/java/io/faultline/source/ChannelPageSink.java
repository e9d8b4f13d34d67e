package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.DirectWrites;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.RunChecksum;
import io.faultline.proto.runs.RunCompressor;
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
 * Sends pages over a channel. Data goes from guest memory to the socket without a copy, so guest
 * memory must stay mapped until the channel is closed. Three kinds of runs are copied: runs of at
 * most 4 KiB, for which a copy is cheaper than a slice; runs that the guest may change between the
 * checksum and the socket; and runs of memory that is read only through copies. Confined to the
 * channel's loop.
 *
 * <p>Allocates nothing per page, and a small slice per run. Writes need no promise: a failed write
 * closes the channel, and its receiver is notified of that.
 */
final class ChannelPageSink implements PageSink {
  private static final int MAX_COPIED_BYTES = 4096;

  private final Channel channel;
  private final OutgoingCounters counters;
  private final @Nullable RunChecksum sums;
  private final @Nullable RunCompressor compressor;
  private final @Nullable DirectWrites urgent;
  private final ChannelPromise noPromise;
  private final GuestBuffers guest = new GuestBuffers();

  /** Without checksums and compression. */
  ChannelPageSink(Channel channel, OutgoingCounters counters) {
    this(channel, counters, false, null, null);
  }

  /**
   * For a bulk connection.
   *
   * @param checksums whether both sides agreed on checksums
   * @param compressor null to compress nothing
   */
  ChannelPageSink(
      Channel channel,
      OutgoingCounters counters,
      boolean checksums,
      @Nullable RunCompressor compressor) {
    this(channel, counters, checksums, compressor, null);
  }

  /**
   * For the control connection: short answers bypass Netty's queue, and nothing is compressed.
   *
   * @param checksums whether both sides agreed on checksums
   */
  static ChannelPageSink forAnswers(Channel channel, OutgoingCounters counters, boolean checksums) {
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
    noPromise = new VoidChannelPromise(channel, false);
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
      return region.isCopied()
          ? sendCopy(region, firstPage, count, bytes, false)
          : sendInPlace(region, firstPage, count, bytes);
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
    return bytes <= MAX_COPIED_BYTES || summed || region.isCopied()
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

  /** Bytes in Netty's send queue. */
  long queuedBytes() {
    ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
    return queue == null ? 0 : queue.totalPendingWriteBytes(); // null once closed
  }

  private int sendUrgent(
      DirectWrites to, MemoryRegion region, long firstPage, int count, int bytes) {
    long offset = firstPage * region.basePageBytes();
    ByteBuffer payload = sums == null ? null : guest.bytes(region, offset, bytes);
    int sum = sum(region, firstPage, count, Encoding.ENCODING_RAW, payload);
    ByteBuf out = to.room(FrameWriter.HOT_HEADER_BYTES + bytes);
    int before = out.writerIndex();
    FrameWriter.pages(out, region.id(), firstPage, count, Encoding.ENCODING_RAW, bytes, sum);
    to.append(region.readAddress(offset), bytes);
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
   * @param live whether the guest may change the pages meanwhile
   */
  private int sendCopy(MemoryRegion region, long firstPage, int count, int bytes, boolean live) {
    long offset = firstPage * region.basePageBytes();
    ByteBuf frame = frame(bytes);
    GuestBuffers.copy(region, offset, bytes, frame);
    int sum = 0;
    if (sums != null) { // an NIO view of the frame allocates, one of guest memory does not
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

  /** Returns the payload bytes sent; 0 if compression did not pay, so that nothing was sent. */
  private int sendCompressed(
      RunCompressor compressing, MemoryRegion region, long firstPage, int count, ByteBuffer from) {
    ByteBuffer payload = compressing.compress(from, count);
    int bytes = payload.remaining();
    if (bytes > 0) {
      Encoding encoding = compressing.encoding();
      ByteBuf frame = frame(bytes);
      int sum = sum(region, firstPage, count, encoding, payload);
      frame.writeBytes(payload.rewind());
      FrameWriter.prependPages(frame, region.id(), firstPage, count, encoding, sum);
      write(frame);
      channel.flush(); // send this run while the next one is compressed
    }
    return bytes;
  }

  private void write(ByteBuf bytes) {
    if (urgent != null) {
      urgent.write(); // keep the order
    }
    counters.bytesSent.add(bytes.readableBytes());
    channel.write(bytes, noPromise);
  }

  /** A buffer for a payload, with room for its header in front. */
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
