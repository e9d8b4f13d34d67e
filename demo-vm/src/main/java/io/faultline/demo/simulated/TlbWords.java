package io.faultline.demo.simulated;

import io.faultline.memory.GuestAccess;
import io.faultline.memory.PageBitmap;

/** Guest memory whose pages may be missing: accessed through the software TLB. */
record TlbWords(GuestAccess access) implements VcpuMemory {
  @Override
  public long load(long offsetBytes) {
    return access.load(offsetBytes);
  }

  @Override
  public void store(long offsetBytes, long value) {
    access.store(offsetBytes, value);
  }

  @Override
  public void flush() {
    access.flush();
  }

  @Override
  public void lose(PageBitmap pages) {
    access.markLost(pages);
  }

  @Override
  public void close() {
    // it holds nothing
  }
}
