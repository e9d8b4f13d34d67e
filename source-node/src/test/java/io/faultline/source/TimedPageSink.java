package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.wire.Frame;

/** A sink that reports each run, and always has room. */
final class TimedPageSink implements PageSink {
  private final Arrival arrival;

  /** Receives each run. */
  interface Arrival {
    void arrive(long firstPage, int count);
  }

  TimedPageSink(Arrival arrival) {
    this.arrival = arrival;
  }

  @Override
  public int sendData(MemoryRegion region, long firstPage, int count) {
    arrival.arrive(firstPage, count);
    return Math.toIntExact(count * region.basePageBytes());
  }

  @Override
  public int sendLive(MemoryRegion region, long firstPage, int count) {
    return sendData(region, firstPage, count);
  }

  @Override
  public void sendZeros(MemoryRegion region, long firstPage, int count) {
    arrival.arrive(firstPage, count);
  }

  @Override
  public void sendCurrent(MemoryRegion region, long firstPage, int count) {
    throw new AssertionError("COPY placement has no current pages");
  }

  @Override
  public void send(Frame frame) {
    throw new AssertionError("a frame without pages: " + frame);
  }

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public void flush() {}
}
