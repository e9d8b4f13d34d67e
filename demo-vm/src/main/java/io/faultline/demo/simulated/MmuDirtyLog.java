package io.faultline.demo.simulated;

import io.faultline.memory.DirtyBits;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;

/**
 * The dirty bits of the vCPUs' MMU as a log. Right only inside a {@link FlushedDirtyLog}: a page
 * that is writable in a TLB is written without being marked again.
 */
final class MmuDirtyLog implements DirtyLog {
  private final MemoryRegion ram;
  private final DirtyBits bits;
  private boolean started;

  MmuDirtyLog(MemoryRegion ram, DirtyBits bits) {
    this.ram = ram;
    this.bits = bits;
  }

  @Override
  public String name() {
    return "vm";
  }

  @Override
  public void start() {
    bits.start(ram.basePageCount());
    started = true;
  }

  @Override
  public void collect(MemoryRegion region, PageBitmap into) {
    if (region != ram) {
      throw new IllegalArgumentException("region " + region.name() + " is not of this VM");
    }
    bits.takeInto(into);
  }

  @Override
  public void close() {
    if (started) { // else the bits may be in use by another log
      started = false;
      bits.stop();
    }
  }
}
