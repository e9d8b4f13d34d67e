package io.faultline.source;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.List;

/** A log that returns each page that was marked dirty once, and records the calls. */
final class FakeDirtyLog implements DirtyLog {
  private final List<String> calls;
  private int dirtyPages;

  FakeDirtyLog(List<String> calls) {
    this.calls = calls;
  }

  /** Marks the first pages of the next region dirty. */
  void dirty(int pages) {
    dirtyPages = pages;
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public void start() {
    calls.add("log");
  }

  @Override
  public void collect(MemoryRegion region, PageBitmap into) {
    calls.add("collect");
    into.set(0, dirtyPages);
    dirtyPages = 0;
  }

  @Override
  public void close() {
    calls.add("unlog");
  }
}
