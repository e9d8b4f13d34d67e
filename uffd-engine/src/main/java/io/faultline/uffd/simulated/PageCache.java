package io.faultline.uffd.simulated;

import io.faultline.uffd.PageSize;
import java.util.ArrayList;
import java.util.List;

/**
 * The pages of a file in memory, shared by its mappings. A page's state changes under its lock
 * ({@link Frames#lock}), which also guards all page-table entries that map it.
 */
final class PageCache {
  final Frames frames;
  final PageSize pageSize;
  final PoolPages poolPages;
  private final boolean[] cached;
  private final List<MappedObject> mappings = new ArrayList<>();
  private int holders = 1;

  PageCache(Frames frames, PageSize pageSize, PoolPages poolPages) {
    this.frames = frames;
    this.pageSize = pageSize;
    this.poolPages = poolPages;
    this.cached = new boolean[frames.pages()];
  }

  int pages() {
    return frames.pages();
  }

  /** Whether an index lies in the file. */
  boolean contains(int index) {
    return index < cached.length;
  }

  /** Under the page's lock. */
  boolean isCached(int index) {
    return contains(index) && cached[index];
  }

  /**
   * Adds a page with the contents of its frame. Under the page's lock.
   *
   * @return false if the pool is exhausted
   */
  boolean add(int index) {
    if (!poolPages.take(index)) {
      return false;
    }
    cached[index] = true;
    return true;
  }

  /** Adds a page that was filled by plain stores. Under the page's lock. */
  void sync(int index) {
    if (contains(index) && !cached[index] && !frames.isZero(index)) {
      add(index);
    }
  }

  /** Drops the page, and its reservation. Under the page's lock. */
  void drop(int index) {
    frames.clear(index);
    cached[index] = false;
    poolPages.release(index, index + 1);
  }

  synchronized void attach(MappedObject mapping) {
    mappings.add(mapping);
    holders++;
  }

  synchronized void detach(MappedObject mapping) {
    mappings.remove(mapping);
    release();
  }

  /** Whether the file has several mappings, so that plain stores may use another one. */
  synchronized boolean hasAlias() {
    return mappings.size() > 1;
  }

  synchronized List<MappedObject> mappings() {
    return List.copyOf(mappings);
  }

  /** Called when a holder is gone: a mapping, or the open file. */
  synchronized void release() {
    holders--;
    if (holders == 0) {
      poolPages.release(0, pages());
      frames.free();
    }
  }
}
