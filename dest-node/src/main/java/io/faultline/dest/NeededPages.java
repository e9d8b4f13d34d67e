package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import java.util.List;

/**
 * Gets the pages that a VM needs while its memory arrives: those that it has faulted on, and those
 * that the source sent with them. For a working set, say. All methods are called by the control
 * loop, and must be fast: vCPUs wait meanwhile.
 */
public interface NeededPages {
  /** Before the first page. */
  void begin(List<MemoryRegion> regions);

  /** These base pages are needed; a page may be named again. */
  void needed(int region, long firstPage, long count);
}
