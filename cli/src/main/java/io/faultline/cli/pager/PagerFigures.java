package io.faultline.cli.pager;

import io.faultline.pager.PagerServer;
import io.faultline.pager.RegionStatus;
import io.faultline.paging.PagerStats;
import io.faultline.paging.SharedMemoryPager;
import io.faultline.paging.store.CompressedMemoryStats;
import io.faultline.paging.store.CompressedMemoryStore;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a pager has done and holds, as JSON: for {@code faultline status} and for {@code --json}.
 */
final class PagerFigures {
  /** An answer of a control socket has at most 64 KiB. */
  private static final int MAX_REGIONS = 100;

  private PagerFigures() {}

  /** Adds the figures to a result. */
  static ObjectNode put(ObjectNode json, SharedMemoryPager pager, PagerLog log) {
    PagerStats stats = pager.stats();
    long pageBytes = pager.pageBytes();
    return json.put("accepted", log.accepted())
        .put("refused", log.refused())
        .put("buffer_bytes", pager.bufferBytes())
        .put("used_bytes", stats.usedPages() * pageBytes)
        .put("most_used_bytes", stats.mostUsedPages() * pageBytes)
        .put("faults", stats.faults())
        .put("protect_faults", stats.protectFaults())
        .put("fills", stats.fills())
        .put("bytes_read", stats.pagesRead() * pageBytes)
        .put("bytes_written", stats.pagesWritten() * pageBytes)
        .put("evicted_clean", stats.evictedClean())
        .put("evicted_dirty", stats.evictedDirty())
        .put("rescued", stats.rescued())
        .put("errors", stats.errors());
  }

  /**
   * The figures with clients and regions, of which the first hundred are listed.
   *
   * @param memory the store in memory; null if there is none
   */
  static ObjectNode status(
      PagerServer server,
      SharedMemoryPager pager,
      PagerLog log,
      @Nullable CompressedMemoryStore memory) {
    ObjectNode json = put(JsonMapper.shared().createObjectNode(), pager, log);
    if (memory != null) {
      CompressedMemoryStats stats = memory.stats();
      json.putObject("memory_store")
          .put("pages", stats.pages())
          .put("used_bytes", stats.usedBytes())
          .put("limit_bytes", stats.limitBytes())
          .put("ratio", stats.ratio());
    }
    List<RegionStatus> regions = server.regions();
    json.put("clients", server.clients()).put("region_count", regions.size());
    ArrayNode list = json.putArray("regions");
    for (RegionStatus region : regions.subList(0, Math.min(MAX_REGIONS, regions.size()))) {
      list.addObject()
          .put("client", region.client())
          .put("store", region.store())
          .put("store_offset", region.storeOffset())
          .put("bytes", region.bytes())
          .put("resident_bytes", region.residentBytes())
          .put("writable", region.isWritable());
    }
    return json;
  }
}
