package io.faultline.uffd.simulated;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The pages that one file or private mapping has reserved in a pool and taken from it. Does nothing
 * for base pages.
 *
 * <p>Thread-safe.
 */
final class PoolPages {
  private final @Nullable HugePages pool;
  private final BitSet reserved = new BitSet();
  private final BitSet taken = new BitSet();

  PoolPages(@Nullable HugePages pool) {
    this.pool = pool;
  }

  /**
   * Reserves the pages of a range that are neither reserved nor taken.
   *
   * @return whether the pool has enough pages; if not, nothing changes
   */
  synchronized boolean reserve(int first, int end) {
    if (pool == null) {
      return true;
    }
    BitSet wanted = new BitSet();
    wanted.set(first, end);
    wanted.andNot(reserved);
    wanted.andNot(taken);
    if (!pool.reserve(wanted.cardinality())) {
      return false;
    }
    reserved.or(wanted);
    return true;
  }

  /** Takes a page; also true if it is already taken. */
  synchronized boolean take(int index) {
    if (pool == null || taken.get(index)) {
      return true;
    }
    if (!pool.take(reserved.get(index))) {
      return false;
    }
    reserved.clear(index);
    taken.set(index);
    return true;
  }

  /** Gives a page back; it is not reserved any more. */
  synchronized void giveBack(int index) {
    if (pool != null && taken.get(index)) {
      taken.clear(index);
      pool.giveBack(1);
    }
  }

  /** Gives back all pages and reservations of a range. */
  synchronized void release(int first, int end) {
    if (pool == null) {
      return;
    }
    pool.giveBack(taken.get(first, end).cardinality());
    pool.unreserve(reserved.get(first, end).cardinality());
    taken.clear(first, end);
    reserved.clear(first, end);
  }
}
