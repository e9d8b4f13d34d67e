package io.faultline.restore.frozen;

import io.faultline.proto.Capability;
import io.faultline.proto.RunChecksum;
import io.faultline.proto.runs.CompressionCounters;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.proto.runs.RunCompressor;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The readers of the frozen processes, one for each loop, and what answers the requests of each
 * connection with them. {@link #start} and {@link #close} are called on the control loop, {@link
 * #open} on the loop of its connection.
 */
final class PageServings {
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(128 << 10, 512 << 10);

  private final CompressionMode compression;
  private final SourceCounters counters;
  private final LongSupplier clock;
  private final Consumer<String> thawed;
  private volatile @Nullable FrozenTree tree;

  /** Confined to the control loop. */
  private @Nullable PageReader urgentReader;

  /** Confined to the bulk loop. */
  private @Nullable PageReader bulkReader;

  /**
   * @param thawed is notified on any thread that a process is not frozen any more
   */
  PageServings(
      CompressionMode compression,
      SourceCounters counters,
      LongSupplier clock,
      Consumer<String> thawed) {
    this.compression = compression;
    this.counters = counters;
    this.clock = clock;
    this.thawed = thawed;
  }

  /** From now on requests can be answered. */
  void start(FrozenTree frozen) {
    tree = frozen;
  }

  /** The number of processes; 0 before the start. Any thread. */
  int processes() {
    FrozenTree known = tree;
    return known == null ? 0 : known.tasks().size();
  }

  /** Whether all processes are frozen. */
  boolean isFrozen() {
    FrozenTree known = tree;
    return known != null && known.isFrozen();
  }

  /** What answers the requests of a connection; null before the start. */
  @Nullable PageServing open(DestinationSession of, Channel channel, boolean bulk) {
    FrozenTree known = tree;
    if (known == null) {
      return null;
    }
    channel.config().setWriteBufferWaterMark(WATER_MARK);
    Set<Capability> agreed = of.agreed();
    RunCompressor compressor = bulk ? compressor(agreed) : null;
    Runnable counted = bulk ? counters.requests::increment : this::countUrgent;
    RunChecksum sums = agreed.contains(Capability.CRC32C) ? new RunChecksum() : null;
    AnswerWriter answers = new AnswerWriter(channel, sums, compressor, counters);
    return new PageServing(channel, reader(known, bulk), answers, compressor, counted, thawed);
  }

  private void countUrgent() {
    counters.requests.increment();
    counters.urgent.increment();
  }

  private @Nullable RunCompressor compressor(Set<Capability> agreed) {
    if (compression == CompressionMode.NONE) {
      return null;
    }
    return new RunCompressor(
        compression, agreed, () -> Long.MAX_VALUE, new CompressionCounters(), clock);
  }

  private PageReader reader(FrozenTree known, boolean bulk) {
    PageReader reader = bulk ? bulkReader : urgentReader;
    if (reader == null) {
      reader = new PageReader(known);
      if (bulk) {
        bulkReader = reader;
      } else {
        urgentReader = reader;
      }
    }
    return reader;
  }

  /** Frees everything, after the connections were closed. */
  void close(EventLoop bulkLoop) {
    FrozenTree known = tree;
    if (urgentReader != null) {
      urgentReader.close();
    }
    bulkLoop.execute(
        () -> {
          if (bulkReader != null) {
            bulkReader.close();
          }
          if (known != null) {
            known.close();
          }
        });
  }
}
