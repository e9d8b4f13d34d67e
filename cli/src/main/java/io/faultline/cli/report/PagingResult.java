package io.faultline.cli.report;

import io.faultline.demo.simulated.PagedRam;
import io.faultline.paging.PagerStats;
import tools.jackson.databind.node.ObjectNode;

/** What a pager did for a VM. */
public final class PagingResult {
  private PagingResult() {}

  /** Adds an object {@code paging} to the result of a migration. */
  public static void addTo(ObjectNode result, PagedRam ram) {
    PagerStats stats = ram.stats();
    ObjectNode paging = result.putObject("paging");
    paging.put("buffer_bytes", stats.bufferPages() * ram.pageBytes());
    paging.put("most_used_bytes", stats.mostUsedPages() * ram.pageBytes());
    paging.put("pages_from_store", ram.pagesFromStore());
    put(paging, stats, ram.pageBytes());
  }

  /** Puts what it has counted. */
  public static void put(ObjectNode into, PagerStats stats, long pageBytes) {
    into.put("fills", stats.fills());
    into.put("rescues", stats.rescued());
    into.put("evicted_clean", stats.evictedClean());
    into.put("evicted_dirty", stats.evictedDirty());
    into.put("bytes_in", stats.pagesRead() * pageBytes);
    into.put("bytes_out", stats.pagesWritten() * pageBytes);
  }
}
