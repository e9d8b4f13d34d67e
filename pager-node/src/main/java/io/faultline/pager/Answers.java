package io.faultline.pager;

import io.faultline.paging.PagerStats;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The lines that the pager sends. */
final class Answers {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private Answers() {}

  static String done() {
    return line(object(true));
  }

  static String refused(String why) {
    return line(object(false).put("error", why));
  }

  static String accepted(long bufferBytes, long pageBytes, int regions) {
    return line(
        object(true)
            .put("buffer", bufferBytes)
            .put("page_size", pageBytes)
            .put("regions", regions));
  }

  /**
   * Figures of the pager, for all clients together.
   *
   * @param residentPages of this client
   */
  static String stats(PagerStats stats, long residentPages, long pageBytes) {
    return line(
        object(true)
            .put("faults", stats.faults())
            .put("protect_faults", stats.protectFaults())
            .put("fills", stats.fills())
            .put("pages_read", stats.pagesRead())
            .put("pages_ahead", stats.pagesAhead())
            .put("evicted_clean", stats.evictedClean())
            .put("evicted_dirty", stats.evictedDirty())
            .put("rescued", stats.rescued())
            .put("writes", stats.writes())
            .put("pages_written", stats.pagesWritten())
            .put("errors", stats.errors())
            .put("used_bytes", stats.usedPages() * pageBytes)
            .put("most_used_bytes", stats.mostUsedPages() * pageBytes)
            .put("resident_bytes", residentPages * pageBytes));
  }

  private static ObjectNode object(boolean ok) {
    return MAPPER.createObjectNode().put("ok", ok);
  }

  private static String line(ObjectNode object) {
    return object.toString() + "\n";
  }
}
