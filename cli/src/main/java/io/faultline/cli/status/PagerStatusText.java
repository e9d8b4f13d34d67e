package io.faultline.cli.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** A pager for the user, in some lines. */
final class PagerStatusText {
  private static final double MIB = 1 << 20;
  private static final int MAX_REGIONS = 20;

  private PagerStatusText() {}

  static List<String> of(JsonNode pager) {
    List<String> lines = new ArrayList<>();
    boolean alive = pager.path("alive").asBoolean(false);
    lines.add(
        "pager on "
            + pager.path("socket").asString("")
            + ": process "
            + pager.path("process").asLong(0)
            + (alive ? "" : " DIED")
            + ", since "
            + pager.path("since").asString(""));
    if (pager.has("to_do")) {
      lines.add("  to do     " + pager.path("to_do").asString(""));
    } else if (pager.has("error")) {
      lines.add("  figures   " + pager.path("error").asString(""));
    } else {
      addFigures(lines, pager);
    }
    return lines;
  }

  private static void addFigures(List<String> lines, JsonNode pager) {
    lines.add(
        String.format(
            Locale.ROOT,
            "  buffer    %.1f of %.1f MiB in use, at most %.1f so far",
            mib(pager, "used_bytes"),
            mib(pager, "buffer_bytes"),
            mib(pager, "most_used_bytes")));
    lines.add(
        String.format(
            Locale.ROOT,
            "  clients   %d now, with %d regions; %d so far, %d refused",
            count(pager, "clients"),
            count(pager, "region_count"),
            count(pager, "accepted"),
            count(pager, "refused")));
    lines.add(
        String.format(
            Locale.ROOT,
            "  pages     %d fills, %d rescued, %d evicted clean and %d dirty; %.1f MiB read and"
                + " %.1f written; %d errors",
            count(pager, "fills"),
            count(pager, "rescued"),
            count(pager, "evicted_clean"),
            count(pager, "evicted_dirty"),
            mib(pager, "bytes_read"),
            mib(pager, "bytes_written"),
            count(pager, "errors")));
    JsonNode memory = pager.path("memory_store");
    if (memory.isObject()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  memory    %d pages in %.1f of %.1f MiB, compressed by %.2f",
              count(memory, "pages"),
              mib(memory, "used_bytes"),
              mib(memory, "limit_bytes"),
              memory.path("ratio").asDouble(1)));
    }
    addRegions(lines, pager);
  }

  private static void addRegions(List<String> lines, JsonNode pager) {
    int shown = 0;
    for (JsonNode region : pager.path("regions")) {
      if (shown++ < MAX_REGIONS) {
        lines.add(region(region));
      }
    }
    long more = count(pager, "region_count") - Math.min(shown, MAX_REGIONS);
    if (more > 0) {
      lines.add("  and " + more + " more regions");
    }
  }

  private static String region(JsonNode region) {
    return String.format(
        Locale.ROOT,
        "  region    %s: %.1f MiB of %s at %d%s, %.1f MiB in memory",
        region.path("client").asString(""),
        mib(region, "bytes"),
        region.path("store").asString(""),
        count(region, "store_offset"),
        region.path("writable").asBoolean(true) ? "" : ", read-only",
        mib(region, "resident_bytes"));
  }

  private static double mib(JsonNode json, String key) {
    return json.path(key).asDouble(0) / MIB;
  }

  private static long count(JsonNode json, String key) {
    return json.path(key).asLong(0);
  }
}
