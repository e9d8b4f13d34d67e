package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.wire.Frame;
import java.util.ArrayList;
import java.util.List;

/** Records the pages that are sent. */
final class RecordingSink implements PageSink {
  final List<Frame> frames = new ArrayList<>();
  final List<String> runs = new ArrayList<>();

  /** How often each page was sent, by region. */
  final int[][] sent;

  /** Pages that can be sent before the sink is full. */
  long room = Long.MAX_VALUE;

  /**
   * @param pages the number of pages of each region
   */
  RecordingSink(int... pages) {
    sent = new int[pages.length][];
    for (int i = 0; i < pages.length; i++) {
      sent[i] = new int[pages[i]];
    }
  }

  @Override
  public int sendData(MemoryRegion region, long firstPage, int count) {
    record("data", region, firstPage, count);
    return Math.toIntExact(count * region.basePageBytes());
  }

  @Override
  public int sendLive(MemoryRegion region, long firstPage, int count) {
    return sendData(region, firstPage, count);
  }

  @Override
  public void sendZeros(MemoryRegion region, long firstPage, int count) {
    record("zero", region, firstPage, count);
  }

  @Override
  public void sendCurrent(MemoryRegion region, long firstPage, int count) {
    runs.add("current " + region.id() + ":" + firstPage + "+" + count);
  }

  @Override
  public void send(Frame frame) {
    frames.add(frame);
  }

  @Override
  public boolean isWritable() {
    return room > 0;
  }

  @Override
  public void flush() {}

  private void record(String kind, MemoryRegion region, long firstPage, int count) {
    runs.add(kind + " " + region.id() + ":" + firstPage + "+" + count);
    for (int i = 0; i < count; i++) {
      sent[region.id()][(int) firstPage + i]++;
    }
    room -= count;
  }
}
