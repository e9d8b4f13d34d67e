package io.faultline.demo.simulated;

import io.faultline.memory.GuestAccess;
import io.faultline.memory.PageBitmap;
import io.faultline.paging.PagedAccess;
import io.faultline.paging.PagedRegion;

/** Guest memory through a pager, whose software TLB pins pages. */
final class PagedWords implements VcpuMemory {
  private final PagedAccess access;
  private final GuestAccess.FaultListener faults;

  PagedWords(PagedRegion ram, GuestAccess.FaultListener faults) {
    this.access = ram.access();
    this.faults = faults;
  }

  @Override
  public long load(long offsetBytes) {
    if (access.holds(offsetBytes, false)) {
      return access.getLong(offsetBytes);
    }
    faults.beforeNativeAccess();
    try {
      return access.getLong(offsetBytes);
    } finally {
      faults.afterNativeAccess();
    }
  }

  @Override
  public void store(long offsetBytes, long value) {
    if (access.holds(offsetBytes, true)) {
      access.putLong(offsetBytes, value);
      return;
    }
    faults.beforeNativeAccess();
    try {
      access.putLong(offsetBytes, value);
    } finally {
      faults.afterNativeAccess();
    }
  }

  @Override
  public void flush() {
    access.release();
  }

  @Override
  public void lose(PageBitmap pages) {
    throw new UnsupportedOperationException("a paged VM does not arrive, so it loses no pages");
  }

  @Override
  public void close() {
    access.close();
  }
}
