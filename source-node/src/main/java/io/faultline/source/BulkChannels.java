package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.wire.Frame;
import java.util.List;
import java.util.function.LongFunction;

/**
 * The bulk connections of one attempt, as one sink. A run of pages goes on any of them that has
 * room, some runs in a row on the same: which one does not matter, since no page is sent twice
 * between two marks, and a mark that comes on each connection counts only when it has come on all.
 * Frames without pages go on the first, and so keep their order. Belongs to the bulk loop.
 */
final class BulkChannels implements PageSink {
  /** What goes on one connection before the next has its turn. */
  private static final long TURN_BYTES = 256 << 10;

  private final ChannelPageSink[] sinks;
  private final long[] pages;
  private final RunCompressor compressor;
  private final OutgoingCounters counters;
  private int current;
  private long turnBytes;

  /**
   * @param sinks at least one, each of a connection of its own
   * @param compressor that of all of them, which learns how much they take together
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
    throw new IllegalStateException("current pages are an answer, and nobody asks here");
  }

  @Override
  public void send(Frame frame) {
    sinks[0].send(frame);
  }

  /**
   * Sends a mark on each connection.
   *
   * @param mark made from the base pages that went on the connection since the mark before
   */
  void sendOnEach(LongFunction<Frame> mark) {
    for (int i = 0; i < sinks.length; i++) {
      sinks[i].send(mark.apply(pages[i]));
      pages[i] = 0;
    }
  }

  /** Whether one of them takes more. */
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
  public boolean takesFrames() {
    return sinks[0].isWritable();
  }

  @Override
  public void flush() {
    for (ChannelPageSink each : sinks) {
      each.flush();
    }
  }

  /** The connection for the next run: one with room, where there is one. */
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
