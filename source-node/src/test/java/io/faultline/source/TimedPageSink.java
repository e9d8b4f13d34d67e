package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.wire.Frame;

/** A sink whose pages arrive some time; there is always room. */
final class TimedPageSink implements PageSink {
  private final Arrival arrival;

  /** Told of each run. */
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
    throw new AssertionError("placement copy knows no current pages");
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
