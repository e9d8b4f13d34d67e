package io.faultline.uffd.simulated;

import java.util.concurrent.locks.Lock;

/**
 * Pages that the kernel holds, as while I/O from or to them is in flight ({@code
 * pin_user_pages(FOLL_PIN)}). They cannot be moved; a page that is dropped meanwhile is a new one
 * when it comes back, which nothing holds.
 */
public final class PinnedPages implements AutoCloseable {
  private final AddressSpace space;
  private final long start;
  private final long end;

  private PinnedPages(AddressSpace space, long start, long end) {
    this.space = space;
    this.start = start;
    this.end = end;
  }

  static PinnedPages pin(AddressSpace space, GuestMemory memory, long address, long lengthBytes) {
    long start = address & -Calls.PAGE_BYTES;
    long end = (address + lengthBytes + Calls.PAGE_BYTES - 1) & -Calls.PAGE_BYTES;
    PinnedPages pages = new PinnedPages(space, start, end);
    for (long page = start; page < end; page += Calls.PAGE_BYTES) {
      do {
        memory.touchForWrite(page);
      } while (!pages.change(page, Pte.PINNED));
    }
    return pages;
  }

  /** Sets the bit of a page to a value; false if the page is missing. */
  private boolean change(long page, int bit) {
    Lock mappings = space.readLock();
    mappings.lock();
    try {
      Vma area = space.find(page);
      return area != null && change(area.object(), area.index(page), bit);
    } finally {
      mappings.unlock();
    }
  }

  private static boolean change(MappedObject object, int index, int bit) {
    PageLock lock = object.lock(index);
    lock.lock();
    try {
      int pte = object.table.get(index);
      if (!Pte.isPresent(pte)) {
        return false;
      }
      object.table.set(index, (pte & ~Pte.PINNED) | bit);
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    for (long page = start; page < end; page += Calls.PAGE_BYTES) {
      change(page, 0);
    }
  }
}
