package io.faultline.restore.space;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

/**
 * Where each page of the dump is mapped now, in one address space. At first at the address of the
 * dump; mremap moves pages, munmap removes them. A page is at one address or at none.
 *
 * <p>Not thread-safe.
 */
final class AddressMap {
  /** Address in pages → page of the dump. */
  private final IntervalMap pages;

  /** Page of the dump → address in pages. */
  private final IntervalMap addresses;

  AddressMap(DumpLayout layout) {
    pages = new IntervalMap(layout.extentCount());
    addresses = new IntervalMap(layout.extentCount());
    for (int i = 0; i < layout.extentCount(); i++) {
      long first = layout.firstPageOf(i);
      put(layout.startOf(i) / PAGE_BYTES, first, layout.firstPageOf(i + 1) - first);
    }
  }

  private AddressMap(IntervalMap pages, IntervalMap addresses) {
    this.pages = pages;
    this.addresses = addresses;
  }

  /** A map for a forked child. */
  AddressMap copy() {
    return new AddressMap(pages.copy(), addresses.copy());
  }

  /** The page of the dump at an address; -1 if there is none. */
  long pageAt(long address) {
    return pages.get(address / PAGE_BYTES);
  }

  /** The first address at or after this one with a page; {@link Long#MAX_VALUE} if none. */
  long nextAddress(long address) {
    long next = pages.nextKey(address / PAGE_BYTES);
    return next == Long.MAX_VALUE ? next : next * PAGE_BYTES;
  }

  /** The address of a page of the dump; -1 if it is not mapped any more. */
  long addressOf(long page) {
    long address = addresses.get(page);
    return address < 0 ? -1 : address * PAGE_BYTES;
  }

  /** How many pages from this one on lie at successive addresses. The page is mapped. */
  long runLength(long page) {
    return addresses.runLength(page);
  }

  /** Passes the pages of a range of addresses on, in runs. */
  void forEach(long start, long end, Run run) {
    long last = end / PAGE_BYTES;
    for (long at = pages.nextKey(start / PAGE_BYTES); at < last; ) {
      long count = Math.min(pages.runLength(at), last - at);
      run.pages(pages.get(at), count);
      at = pages.nextKey(at + count);
    }
  }

  /** Receives runs of pages of the dump. */
  interface Run {
    void pages(long first, long count);
  }

  /** The range is not mapped any more. */
  void unmap(long start, long end) {
    pages.remove(
        start / PAGE_BYTES,
        (end - start) / PAGE_BYTES,
        (at, page, count) -> addresses.remove(page, count, (p, a, n) -> {}));
  }

  /** The pages of a range have moved. What was at the new addresses is gone. */
  void move(long from, long to, long lengthBytes) {
    unmap(to, to + lengthBytes);
    long distance = (to - from) / PAGE_BYTES;
    IntervalMap moved = new IntervalMap(4);
    pages.remove(from / PAGE_BYTES, lengthBytes / PAGE_BYTES, moved::put);
    for (long at = moved.nextKey(Long.MIN_VALUE); at != Long.MAX_VALUE; ) {
      long page = moved.get(at);
      long count = moved.runLength(at);
      addresses.remove(page, count, (p, a, n) -> {});
      put(at + distance, page, count);
      at = moved.nextKey(at + count);
    }
  }

  private void put(long address, long page, long count) {
    pages.put(address, page, count);
    addresses.put(page, address, count);
  }
}
