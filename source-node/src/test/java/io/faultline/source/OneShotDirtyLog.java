package io.faultline.source;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;

/** A log that returns given pages once. */
final class OneShotDirtyLog implements DirtyLog {
  private final PageBitmap pages;

  OneShotDirtyLog(PageBitmap pages) {
    this.pages = pages;
  }

  @Override
  public String name() {
    return "given";
  }

  @Override
  public void start() {}

  @Override
  public void collect(MemoryRegion region, PageBitmap into) {
    pages.takeInto(into);
  }

  @Override
  public void close() {}
}
