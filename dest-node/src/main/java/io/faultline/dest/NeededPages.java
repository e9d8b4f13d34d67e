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

  /** The VM has faulted on one of these base pages; a page may be named again. */
  void requested(int region, long firstPage, long count);

  /** These base pages came with requested ones, or are such pages. */
  void sentAlong(int region, long firstPage, long count);
}
