package io.faultline.source;

import io.faultline.proto.Capability;
import io.faultline.proto.compression.PageCodec;
import io.faultline.proto.wire.Encoding;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Compresses the runs of pages of one connection, where that pays. Allocates when it is first used,
 * and nothing for a run. Belongs to the bulk loop.
 */
final class RunCompressor implements AutoCloseable {
  /** The most page data of a compressed run. */
  static final int MAX_BYTES = 2 << 20;

  private final CompressionChooser chooser;
  private final RateLimit limit;
  private final OutgoingCounters counters;
  private final LongSupplier clock;
  private final LinkMeter link = new LinkMeter();
  private final Map<Encoding, PageCodec> codecs = new EnumMap<>(Encoding.class);
  private ByteBuffer snapshot = ByteBuffer.allocateDirect(0);
  private ByteBuffer output = ByteBuffer.allocateDirect(0);
  private Encoding encoding = Encoding.ENCODING_RAW;

  /**
   * @param agreed what both ends can do
   * @param limit of the connection: it counts as a link
   * @param clock in nanoseconds
   */
  RunCompressor(
      CompressionMode mode,
      Set<Capability> agreed,
      RateLimit limit,
      OutgoingCounters counters,
      LongSupplier clock) {
    chooser = new CompressionChooser(mode, agreed);
    this.limit = limit;
    this.counters = counters;
    this.clock = clock;
  }

  /** Whether the link takes more, or not, with so many bytes that wait for it. */
  void linkIsWritable(boolean writable, long queuedBytes) {
    if (!writable) {
      link.full(clock.getAsLong(), queuedBytes);
    } else {
      link.writable(clock.getAsLong(), queuedBytes);
    }
  }

  /** Whether the link was full when it was last heard of. */
  boolean linkIsFull() {
    return link.isFull();
  }

  /** Whether the next run of so many bytes is to be compressed; {@link #compress} must follow. */
  boolean choose(int bytes) {
    if (bytes > MAX_BYTES || !chooser.canCompress()) {
      return false;
    }
    long measured = link.bytesPerSecond(clock.getAsLong());
    encoding = chooser.next(Math.min(limit.bytesPerSecond(), measured));
    return encoding != Encoding.ENCODING_RAW;
  }

  /** A copy of bytes that may change under us: what is compressed must not. */
  ByteBuffer snapshot(ByteBuffer from) {
    if (snapshot.capacity() < from.remaining()) {
      snapshot = ByteBuffer.allocateDirect(from.remaining());
    }
    return snapshot.clear().put(from).flip();
  }

  /**
   * Compresses a run.
   *
   * @param from its pages, from position to limit
   * @return the compressed run, valid until the next; empty where it would not be smaller by at
   *     least an eighth
   */
  ByteBuffer compress(ByteBuffer from, int pages) {
    PageCodec codec = codecs.computeIfAbsent(encoding, PageCodec::of);
    int bytes = from.remaining();
    if (output.capacity() < codec.bound(bytes)) {
      output = ByteBuffer.allocateDirect(codec.bound(bytes));
    }
    long start = clock.getAsLong();
    int length = codec.compress(from, from.position(), bytes, output.clear());
    long nanos = clock.getAsLong() - start;
    chooser.measured(encoding, bytes, length, nanos);
    counters.compressNanos.add(nanos);
    if (length > bytes - bytes / 8) {
      return output.clear().limit(0);
    }
    counters.compressedPages.add(pages);
    counters.bytesBeforeCompression.add(bytes);
    counters.bytesAfterCompression.add(length);
    return output.clear().limit(length);
  }

  /** How the last run was encoded. */
  Encoding encoding() {
    return encoding;
  }

  @Override
  public void close() {
    codecs.values().forEach(PageCodec::close);
    codecs.clear();
  }
}
