package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.runs.RunCompressor;
import io.faultline.proto.wire.Frame;
import java.util.List;
import java.util.function.LongFunction;

/**
 * The bulk connections of one attempt, as one sink. Runs of pages are spread over the connections
 * that have room, several consecutive runs on each. Which one carries a page does not matter: no
 * page is sent twice between two markers, and a marker, which is sent on every connection, takes
 * effect only once it has arrived on all. Frames without pages are sent on the first connection,
 * and so stay in order. Confined to the bulk loop.
 */
final class BulkChannels implements PageSink {
  /** Bytes sent on one connection before it is the next one's turn. */
  private static final long TURN_BYTES = 256 << 10;

  private final ChannelPageSink[] sinks;
  private final long[] pages;
  private final RunCompressor compressor;
  private final OutgoingCounters counters;
  private int current;
  private long turnBytes;

  /**
   * @param sinks one per connection, at least one
   * @param compressor shared by the sinks; is notified when all of them are full
   */
  BulkChannels(List<ChannelPageSink> sinks, RunCompressor compressor, OutgoingCounters counters) {
    this.counters = counters;
    this.sinks = sinks.toArray(ChannelPageSink[]::new);
    this.compressor = compressor;
    pages = new long[this.sinks.length];
  }

  @Override
  public int sendData(MemoryRegion region, long firstPage, int count) {
    return counted(count, choose().sendData(region, firstPage, count));
  }

  @Override
  public int sendLive(MemoryRegion region, long firstPage, int count) {
    return counted(count, choose().sendLive(region, firstPage, count));
  }

  @Override
  public void sendZeros(MemoryRegion region, long firstPage, int count) {
    choose().sendZeros(region, firstPage, count);
    counted(count, 0);
  }

  @Override
  public void sendCurrent(MemoryRegion region, long firstPage, int count) {
    throw new IllegalStateException(
        "current pages are answers to requests, and requests are not answered here");
  }

  @Override
  public void send(Frame frame) {
    sinks[0].send(frame);
  }

  /**
   * Sends a marker on each connection.
   *
   * @param marker creates it from the number of base pages sent on the connection since the last
   *     marker
   */
  void sendMarkers(LongFunction<Frame> marker) {
    for (int i = 0; i < sinks.length; i++) {
      sinks[i].send(marker.apply(pages[i]));
      pages[i] = 0;
    }
  }

  /** Whether at least one connection has room. Notifies the compressor of changes. */
  @Override
  public boolean isWritable() {
    boolean writable = false;
    for (ChannelPageSink each : sinks) {
      writable |= each.isWritable();
    }
    if (compressor.linkIsFull() == writable) {
      compressor.linkIsWritable(writable, queuedBytes());
    }
    return writable;
  }

  @Override
  public boolean isWritableForFrames() {
    return sinks[0].isWritable();
  }

  @Override
  public void flush() {
    for (ChannelPageSink each : sinks) {
      each.flush();
    }
  }

  /** The connection for the next run: one with room, if there is one. */
  private ChannelPageSink choose() {
    if (turnBytes >= TURN_BYTES || !sinks[current].isWritable()) {
      turnBytes = 0;
      for (int tried = 0; tried < sinks.length; tried++) {
        current = (current + 1) % sinks.length;
        if (sinks[current].isWritable()) {
          break;
        }
      }
    }
    return sinks[current];
  }

  private int counted(int count, int bytes) {
    pages[current] += count;
    turnBytes += bytes;
    counters.sentOn(current, bytes);
    return bytes;
  }

  private long queuedBytes() {
    long queued = 0;
    for (ChannelPageSink each : sinks) {
      queued += each.queuedBytes();
    }
    return queued;
  }
}
