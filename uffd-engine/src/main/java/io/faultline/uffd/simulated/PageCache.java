package io.faultline.uffd.simulated;

import io.faultline.uffd.PageSize;
import java.util.ArrayList;
import java.util.List;

/**
 * The pages of a file in memory, shared between its mappings. A page's state changes under its lock
 * ({@link Frames#lock}), which is the lock of every page-table entry that may show it.
 */
final class PageCache {
  final Frames frames;
  final PageSize pageSize;
  final PoolPages stock;
  private final boolean[] cached;
  private final List<MappedObject> mappings = new ArrayList<>();
  private int holders = 1;

  PageCache(Frames frames, PageSize pageSize, PoolPages stock) {
    this.frames = frames;
    this.pageSize = pageSize;
    this.stock = stock;
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
   * Gives the page a place, with what its frame holds. Under the page's lock.
   *
   * @return false where the pool has none left
   */
  boolean add(int index) {
    if (!stock.take(index)) {
      return false;
    }
    cached[index] = true;
    return true;
  }

  /** Notices a page that plain stores filled. Under the page's lock. */
  void settle(int index) {
    if (contains(index) && !cached[index] && !frames.isZero(index)) {
      add(index);
    }
  }

  /** Drops the page, and its reservation. Under the page's lock. */
  void drop(int index) {
    frames.clear(index);
    cached[index] = false;
    stock.release(index, index + 1);
  }

  synchronized void attach(MappedObject mapping) {
    mappings.add(mapping);
    holders++;
  }

  synchronized void detach(MappedObject mapping) {
    mappings.remove(mapping);
    release();
  }

  /** Whether plain stores may come through another mapping than the one that asks. */
  synchronized boolean hasAlias() {
    return mappings.size() > 1;
  }

  synchronized List<MappedObject> mappings() {
    return List.copyOf(mappings);
  }

  /** One holder less: a mapping, or the open file. */
  synchronized void release() {
    holders--;
    if (holders == 0) {
      stock.release(0, pages());
      frames.free();
    }
  }
}
