package io.faultline.demo.simulated;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.paging.PagedRegion;
import io.faultline.paging.WriteLog;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The dirty log of paged RAM: the pager owns its write protection, and logs the stores itself. The
 * pages that a vCPU has pinned for stores cannot be protected; they are reported every time, until
 * the vCPU flushes its TLB.
 */
final class PagerDirtyLog implements DirtyLog {
  private final MemoryRegion ram;
  private final PagedRegion region;
  private final Runnable flush;
  private final BooleanSupplier stopped;
  private @Nullable WriteLog log;

  /**
   * @param flush as for {@link FlushedDirtyLog}
   * @param stopped whether no vCPU can run; then nothing is protected
   */
  PagerDirtyLog(MemoryRegion ram, PagedRegion region, Runnable flush, BooleanSupplier stopped) {
    this.ram = ram;
    this.region = region;
    this.flush = flush;
    this.stopped = stopped;
  }

  @Override
  public String name() {
    return "pager";
  }

  @Override
  public void start() {
    flush.run();
    log = region.startWriteLog();
  }

  @Override
  public void collect(MemoryRegion from, PageBitmap into) {
    if (from != ram) {
      throw new IllegalArgumentException("region " + from.name() + " is not a region of this VM");
    }
    if (log == null) {
      throw new IllegalStateException("the dirty log is not started, or is closed");
    }
    if (stopped.getAsBoolean()) {
      log.collectStopped(into); // the pause must not wait for protection that nobody needs
    } else {
      flush.run();
      log.collect(into);
    }
  }

  @Override
  public void close() {
    if (log != null) {
      log.close();
      log = null;
    }
  }
}
