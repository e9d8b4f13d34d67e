package io.faultline.demo.simulated;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.HashMap;
import java.util.Map;

/**
 * A dirty log of vCPUs with software TLBs, made right by flushing these. A store through a writable
 * entry is told to nobody. So the entries go, after the log has started (stores from there on are
 * told) and after each time that pages were taken from it: stores through old entries are then in
 * memory before the caller reads the pages, and later ones are told by the next collect.
 *
 * <p>The flush comes after the taking. The other way round, a page made writable between the two
 * would be taken, and what is stored through its entry after the caller has read it would be lost.
 */
final class FlushedDirtyLog implements DirtyLog {
  private final DirtyLog log;
  private final Runnable flush;

  /** Pages taken from the log and not yet told: kept here where a flush fails. */
  private final Map<MemoryRegion, PageBitmap> taken = new HashMap<>();

  /**
   * @param flush returns when all vCPUs have flushed their TLBs since the call, or will before
   *     their next operation; or throws where that cannot be
   */
  FlushedDirtyLog(DirtyLog log, Runnable flush) {
    this.log = log;
    this.flush = flush;
  }

  @Override
  public String name() {
    return log.name();
  }

  @Override
  public void start() {
    log.start();
    try {
      flush.run();
    } catch (RuntimeException | Error e) {
      log.close();
      throw e;
    }
  }

  @Override
  public void collect(MemoryRegion region, PageBitmap into) {
    PageBitmap pages = taken.computeIfAbsent(region, key -> new PageBitmap(key.basePageCount()));
    log.collect(region, pages);
    flush.run();
    pages.takeInto(into);
  }

  @Override
  public void close() {
    taken.clear();
    log.close();
  }
}
