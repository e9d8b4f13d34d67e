package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.PagemapQuery;
import io.faultline.uffd.SystemCallException;
import java.util.concurrent.locks.Lock;

/** The page table of a simulated process. */
final class SimulatedPagemap implements Pagemap {
  private final AddressSpace space;

  SimulatedPagemap(AddressSpace space) {
    this.space = space;
  }

  @Override
  public boolean isPresent(long address) {
    Lock mappings = space.readLock();
    mappings.lock();
    try {
      Vma area = space.find(address);
      return area != null && isPresent(area, area.index(address));
    } finally {
      mappings.unlock();
    }
  }

  private static boolean isPresent(Vma area, int index) {
    PageLock page = area.object().lock(index);
    page.lock();
    try {
      int pte = PageFaults.syncEntry(area, index);
      // a marker is a swap entry, which the kernel does not report for huge pages
      return area.object().pageSize.isHuge() ? Pte.isPresent(pte) : pte != Pte.NONE;
    } finally {
      page.unlock();
    }
  }

  @Override
  public int scan(long startAddress, long endAddress, PagemapQuery query, PageRegions found) {
    long inPage = Calls.PAGE_BYTES - 1;
    if ((startAddress & inPage) != 0 || startAddress > endAddress) {
      String range = String.format("PAGEMAP_SCAN(0x%x to 0x%x)", startAddress, endAddress);
      throw new SystemCallException(range, Errno.EINVAL);
    }
    Lock mappings = space.readLock();
    mappings.lock();
    try {
      new PagemapWalk(query, found).walk(space, startAddress, (endAddress + inPage) & ~inPage);
    } finally {
      mappings.unlock();
    }
    return found.size();
  }

  @Override
  public void close() {
    // nothing to release
  }
}
