package io.faultline.demo.simulated;

import io.faultline.memory.DirtyBits;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;

/**
 * The dirty bits of the vCPUs' MMU as a dirty log. Correct only within a {@link FlushedDirtyLog}:
 * stores to a page that is writable in a TLB do not set its dirty bit again.
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
      throw new IllegalArgumentException("region " + region.name() + " is not a region of this VM");
    }
    bits.takeInto(into);
  }

  @Override
  public void close() {
    if (started) { // otherwise another log may be using the bits
      started = false;
      bits.stop();
    }
  }
}
