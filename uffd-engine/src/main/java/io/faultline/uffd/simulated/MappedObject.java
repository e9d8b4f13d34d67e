package io.faultline.uffd.simulated;

import io.faultline.uffd.PageSize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of one mmap: a page table, the page cache of its file if it has one, and its own
 * frames if it is private. Areas map parts of it; moving an area moves no page.
 */
final class MappedObject {
  final PageTable table;
  final PageSize pageSize;
  final long pageBytes;
  final int pageShift;
  final @Nullable PageCache cache;
  final @Nullable Frames own;
  final PoolPages poolPages;
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
      PoolPages poolPages) {
    this.table = new PageTable(pages);
    this.pageSize = pageSize;
    this.pageBytes = pageBytes;
    this.pageShift = Long.numberOfTrailingZeros(pageBytes);
    this.cache = cache;
    this.firstInCache = firstInCache;
    this.own = own;
    this.poolPages = poolPages;
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

  /** Anonymous memory in the kernel's sense ({@code vma_is_anonymous}): hugetlb never is. */
  boolean isAnonymousBasePages() {
    return cache == null && !pageSize.isHuge();
  }

  int cacheIndex(int index) {
    return firstInCache + index;
  }

  /** The index of a page of the file in this object; may be negative or beyond the end. */
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

  /** The lock of a page and of its entry in this page table. */
  PageLock lock(int index) {
    return cache == null ? privateFrames().lock(index) : cache.frames.lock(cacheIndex(index));
  }

  /** The address of a page for plain access. An index beyond the end of the file has one too. */
  long dataAddress(int index) {
    return own == null ? file().frames.address(cacheIndex(index)) : own.address(index);
  }

  /** The native address of a page for access through the page table. */
  long frameAddress(int index, int pte) {
    return cache == null || Pte.has(pte, Pte.ANONYMOUS)
        ? privateFrames().address(index)
        : cache.frames.address(cacheIndex(index));
  }

  /** Takes a private page from the pool; false if the pool is exhausted. */
  boolean takeOwn(int index) {
    return poolPages.take(index);
  }

  /** Frees a private page that is no longer mapped. Under the page's lock. */
  void dropOwn(int index) {
    if (own != null) {
      own.clear(index);
      poolPages.giveBack(index);
    }
  }

  /**
   * Creates the object of a forked child. Its huge pages are its parent's, and not counted again.
   */
  MappedObject forked() {
    Frames copy = own == null ? null : Frames.allocate(pages(), pageBytes);
    PoolPages none = new PoolPages(null);
    return new MappedObject(pageSize, pageBytes, pages(), cache, firstInCache, copy, none);
  }

  /** After a fork: counts the pages of this object that the child's areas map. */
  synchronized void countMappedPages(List<Vma> areas) {
    pagesMapped = 0;
    for (Vma area : areas) {
      if (area.object() == this) {
        pagesMapped += area.index(area.end()) - area.index(area.start());
      }
    }
  }

  /** Releases pages that are no longer mapped; with the last one, frees the memory. */
  synchronized void unmapped(int first, int end) {
    poolPages.release(first, end);
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
