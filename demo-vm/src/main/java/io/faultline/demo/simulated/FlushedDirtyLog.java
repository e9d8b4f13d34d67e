package io.faultline.demo.simulated;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.HashMap;
import java.util.Map;

/**
 * A dirty log for vCPUs with software TLBs, which must be flushed: a store through a writable TLB
 * entry is not logged. TLBs are flushed after the log has started, so that later stores are logged,
 * and after each time that pages were taken from the log. Then stores through old entries are in
 * memory before the caller reads the pages, and later stores are returned by the next collect.
 *
 * <p>The flush must follow the taking. In the other order, a page that becomes writable in between
 * would be taken while its entry is valid; stores through this entry after the caller has read the
 * page would be lost.
 */
final class FlushedDirtyLog implements DirtyLog {
  private final DirtyLog log;
  private final Runnable flush;

  /** Pages taken from the log and not yet returned, because a flush failed. */
  private final Map<MemoryRegion, PageBitmap> taken = new HashMap<>();

  /**
   * @param flush returns when each vCPU has flushed its TLB since the call, or will before its next
   *     operation; throws if that fails
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
