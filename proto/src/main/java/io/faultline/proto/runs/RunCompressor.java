package io.faultline.proto.runs;

import io.faultline.proto.Capability;
import io.faultline.proto.compression.PageCodec;
import io.faultline.proto.wire.Encoding;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Compresses runs of pages for the bulk connections of one attempt, where that pays off. Allocates
 * its buffers on first use, and nothing per run. Confined to the bulk loop.
 */
public final class RunCompressor implements AutoCloseable {
  /** The largest run that is compressed, in bytes before compression. */
  private static final int MAX_BYTES = 2 << 20;

  private final CompressionChooser chooser;
  private final LongSupplier bandwidthLimit;
  private final CompressionCounters counters;
  private final LongSupplier clock;
  private final LinkMeter link = new LinkMeter();
  private final Map<Encoding, PageCodec> codecs = new EnumMap<>(Encoding.class);
  private ByteBuffer snapshot = ByteBuffer.allocateDirect(0);
  private ByteBuffer output = ByteBuffer.allocateDirect(0);
  private Encoding encoding = Encoding.ENCODING_RAW;

  /**
   * @param agreed the capabilities of both sides
   * @param bandwidthLimit the configured limit in bytes per second, {@link Long#MAX_VALUE} for
   *     none. Compression treats it as the speed of the link where the link itself is faster
   * @param clock in nanoseconds
   */
  public RunCompressor(
      CompressionMode mode,
      Set<Capability> agreed,
      LongSupplier bandwidthLimit,
      CompressionCounters counters,
      LongSupplier clock) {
    chooser = new CompressionChooser(mode, agreed);
    this.bandwidthLimit = bandwidthLimit;
    this.counters = counters;
    this.clock = clock;
  }

  /** Reports whether the send queues have room, and how many bytes are in them. */
  public void linkIsWritable(boolean writable, long queuedBytes) {
    if (!writable) {
      link.full(clock.getAsLong(), queuedBytes);
    } else {
      link.writable(clock.getAsLong(), queuedBytes);
    }
  }

  /** Whether the send queues were full at the last report. */
  public boolean linkIsFull() {
    return link.isFull();
  }

  /**
   * Whether to compress the next run of this many bytes. If so, {@link #compress} must be called.
   */
  public boolean choose(int bytes) {
    if (bytes > MAX_BYTES || !chooser.canCompress()) {
      return false;
    }
    long measured = link.bytesPerSecond(clock.getAsLong());
    encoding = chooser.next(Math.min(bandwidthLimit.getAsLong(), measured));
    return encoding != Encoding.ENCODING_RAW;
  }

  /**
   * Copies bytes that a running guest may change, since a codec's input must not change.
   *
   * @return the copy, valid until the next call
   */
  public ByteBuffer snapshot(ByteBuffer from) {
    if (snapshot.capacity() < from.remaining()) {
      snapshot = ByteBuffer.allocateDirect(from.remaining());
    }
    return snapshot.clear().put(from).flip();
  }

  /**
   * Compresses a run.
   *
   * @param from its pages, from position to limit
   * @return the compressed run, valid until the next call; empty if it would not be smaller by at
   *     least an eighth
   */
  public ByteBuffer compress(ByteBuffer from, int pages) {
    PageCodec codec = codecs.computeIfAbsent(encoding, PageCodec::of);
    int bytes = from.remaining();
    if (output.capacity() < codec.bound(bytes)) {
      output = ByteBuffer.allocateDirect(codec.bound(bytes));
    }
    long start = clock.getAsLong();
    int length = codec.compress(from, from.position(), bytes, output.clear());
    long nanos = clock.getAsLong() - start;
    chooser.measured(encoding, bytes, length, nanos);
    counters.nanos().add(nanos);
    if (length > bytes - bytes / 8) {
      return output.clear().limit(0);
    }
    counters.pages().add(pages);
    counters.bytesBefore().add(bytes);
    counters.bytesAfter().add(length);
    return output.clear().limit(length);
  }

  /** The encoding of the last run. */
  public Encoding encoding() {
    return encoding;
  }

  @Override
  public void close() {
    codecs.values().forEach(PageCodec::close);
    codecs.clear();
  }
}
