package io.faultline.uffd.simulated;

import io.faultline.uffd.PageSize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one mmap made: a page table, the page cache of the file that it shows, and frames of its own
 * where it is private. Areas show parts of it; moving an area moves no page.
 */
final class MappedObject {
  final PageTable table;
  final PageSize pageSize;
  final long pageBytes;
  final int pageShift;
  final @Nullable PageCache cache;
  final @Nullable Frames own;
  final PoolPages stock;
  final boolean shared;
  private final int firstInCache;
  private int pagesMapped;

  MappedObject(
      PageSize pageSize,
      long pageBytes,
      int pages,
      @Nullable PageCache cache,
      int firstInCache,
      @Nullable Frames own,
      PoolPages stock) {
    this.table = new PageTable(pages);
    this.pageSize = pageSize;
    this.pageBytes = pageBytes;
    this.pageShift = Long.numberOfTrailingZeros(pageBytes);
    this.cache = cache;
    this.firstInCache = firstInCache;
    this.own = own;
    this.stock = stock;
    this.shared = own == null;
    this.pagesMapped = pages;
    if (cache != null) {
      cache.attach(this);
    }
  }

  int pages() {
    return table.size();
  }

  /** Private memory without a file. */
  boolean isAnonymous() {
    return cache == null;
  }

  /** Anonymous memory as the kernel tells it ({@code vma_is_anonymous}): hugetlb never is. */
  boolean isAnonymousBasePages() {
    return cache == null && !pageSize.isHuge();
  }

  int cacheIndex(int index) {
    return firstInCache + index;
  }

  /** The index of a page of the file here; maybe negative or behind the end. */
  int indexOfCached(int cacheIndex) {
    return cacheIndex - firstInCache;
  }

  PageCache file() {
    if (cache == null) {
      throw new IllegalStateException("anonymous memory has no file");
    }
    return cache;
  }

  /** The frames of private memory. */
  Frames privateFrames() {
    if (own == null) {
      throw new IllegalStateException("a shared mapping has no frames of its own");
    }
    return own;
  }

  /** The lock of a page and of its entry here. */
  PageLock lock(int index) {
    return cache == null ? privateFrames().lock(index) : cache.frames.lock(cacheIndex(index));
  }

  /**
   * Where plain access finds a page; an index beyond the end of the file has an address as well.
   */
  long dataAddress(int index) {
    return own == null ? file().frames.address(cacheIndex(index)) : own.address(index);
  }

  /** Where an access through the page table finds a page. */
  long frameAddress(int index, int pte) {
    return cache == null || Pte.has(pte, Pte.ANONYMOUS)
        ? privateFrames().address(index)
        : cache.frames.address(cacheIndex(index));
  }

  /** Takes a page of one's own. False where the pool has none left. */
  boolean takeOwn(int index) {
    return stock.take(index);
  }

  /** Empties a page of one's own, which nobody maps any more. Under the page's lock. */
  void dropOwn(int index) {
    if (own != null) {
      own.clear(index);
      stock.giveBack(index);
    }
  }

  /**
   * The same for a forked child. What it has in huge pages is its parent's, and not counted again.
   */
  MappedObject forked() {
    Frames copy = own == null ? null : Frames.allocate(pages(), pageBytes);
    PoolPages none = new PoolPages(null);
    return new MappedObject(pageSize, pageBytes, pages(), cache, firstInCache, copy, none);
  }

  /** After a fork: only these areas map pages of this. */
  synchronized void forgetPagesOutside(List<Vma> areas) {
    pagesMapped = 0;
    for (Vma area : areas) {
      if (area.object() == this) {
        pagesMapped += area.index(area.end()) - area.index(area.start());
      }
    }
  }

  /** Some pages are not mapped any more; with the last one, all goes back to the machine. */
  synchronized void unmapped(int first, int end) {
    stock.release(first, end);
    pagesMapped -= end - first;
    if (pagesMapped > 0) {
      return;
    }
    if (own != null) {
      own.free();
    }
    if (cache != null) {
      cache.detach(this);
    }
  }
}
