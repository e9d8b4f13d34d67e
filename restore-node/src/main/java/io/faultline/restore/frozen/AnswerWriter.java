package io.faultline.restore.frozen;

import static io.faultline.restore.frozen.PageReader.PAGE_BYTES;

import io.faultline.memory.ZeroPages;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.RunChecksum;
import io.faultline.proto.runs.RunCompressor;
import io.faultline.proto.wire.AbsentPages;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.VoidChannelPromise;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the answers of one connection: runs of pages, split into zeros and others, gathered in
 * large buffers. Allocates one pooled buffer for many pages. Confined to the connection's loop.
 */
final class AnswerWriter {
  private static final int CHUNK_BYTES = 320 << 10;

  private final Channel channel;
  private final @Nullable RunChecksum sums;
  private final @Nullable RunCompressor compressor;
  private final SourceCounters counters;
  private final ChannelPromise noPromise;
  private @Nullable ByteBuf chunk;

  /**
   * @param sums null without checksums
   * @param compressor null to compress nothing
   */
  AnswerWriter(
      Channel channel,
      @Nullable RunChecksum sums,
      @Nullable RunCompressor compressor,
      SourceCounters counters) {
    this.channel = channel;
    this.sums = sums;
    this.compressor = compressor;
    this.counters = counters;
    noPromise = new VoidChannelPromise(channel, false);
  }

  /**
   * Writes pages.
   *
   * @param data the address of their contents
   */
  void pages(int region, long firstPage, int count, long data) {
    counters.pages.add(count);
    for (int page = 0; page < count; ) {
      boolean zero = isZero(data, page);
      int end = page + 1;
      while (end < count && isZero(data, end) == zero) {
        end++;
      }
      if (zero) {
        counters.zeroPages.add(end - page);
        header(region, firstPage + page, end - page, Encoding.ENCODING_ZERO, null);
      } else {
        data(region, firstPage + page, end - page, data + (long) page * PAGE_BYTES);
      }
      page = end;
    }
  }

  /** Writes that pages are not mapped. */
  void absent(int region, long firstPage, int count) {
    counters.absentPages.add(count);
    write();
    AbsentPages.Builder absent =
        AbsentPages.newBuilder().setRegion(region).setFirstPage(firstPage).setCount(count);
    channel.write(
        FrameWriter.frame(channel.alloc(), Frame.newBuilder().setAbsent(absent).build()),
        noPromise);
  }

  /** Hands what was gathered to the channel. */
  void write() {
    ByteBuf full = chunk;
    if (full != null) {
      chunk = null;
      counters.bytesSent.add(full.readableBytes());
      channel.write(full, noPromise);
    }
  }

  private void data(int region, long firstPage, int count, long data) {
    int bytes = count * PAGE_BYTES;
    ByteBuffer pages = MemorySegment.ofAddress(data).reinterpret(bytes).asByteBuffer();
    if (compressor != null && compressor.choose(bytes)) {
      ByteBuffer payload = compressor.compress(pages, count);
      if (payload.hasRemaining()) {
        run(region, firstPage, count, compressor.encoding(), payload);
        return;
      }
    }
    run(region, firstPage, count, Encoding.ENCODING_RAW, pages);
  }

  private void run(int region, long firstPage, int count, Encoding encoding, ByteBuffer payload) {
    int start = payload.position();
    ByteBuf out = header(region, firstPage, count, encoding, payload);
    out.writeBytes(payload.position(start));
  }

  /** Appends a header; the buffer has room for the payload. */
  private ByteBuf header(
      int region, long firstPage, int count, Encoding encoding, @Nullable ByteBuffer payload) {
    int bytes = payload == null ? 0 : payload.remaining();
    int sum = sums == null ? 0 : sums.of(region, firstPage, count, encoding, payload);
    ByteBuf out = room(FrameWriter.HOT_HEADER_BYTES + bytes);
    FrameWriter.pages(out, region, firstPage, count, encoding, bytes, sum);
    return out;
  }

  private ByteBuf room(int bytes) {
    if (chunk != null && chunk.writableBytes() < bytes) {
      write();
    }
    ByteBuf out = chunk;
    if (out == null) {
      out = channel.alloc().directBuffer(Math.max(CHUNK_BYTES, bytes));
      chunk = out;
    }
    return out;
  }

  /** The connection has ended. */
  void close() {
    if (chunk != null) {
      chunk.release();
      chunk = null;
    }
    if (compressor != null) {
      compressor.close();
    }
  }

  private static boolean isZero(long data, int page) {
    return ZeroPages.isZero(data + (long) page * PAGE_BYTES, PAGE_BYTES);
  }
}
