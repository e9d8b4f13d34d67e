package io.faultline.pager;

import io.faultline.paging.RegionOptions;
import io.faultline.paging.table.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the handshake of a client: a JSON array of regions. */
final class HandshakeParser {
  private static final Set<String> MEMBERS =
      Set.of(
          "base_host_virt_addr",
          "size",
          "offset",
          "page_size",
          "store",
          "store_offset",
          "writable",
          "least_bytes",
          "most_bytes",
          "advice");

  private final long pageBytes;

  HandshakeParser(long pageBytes) {
    this.pageBytes = pageBytes;
  }

  /**
   * Reads and checks the regions.
   *
   * @throws RefusedException if the handshake is not one, or a region is impossible
   */
  List<RegionRequest> parse(String line) throws RefusedException {
    JsonNode root = JsonFields.read(line);
    if (!root.isArray() || root.isEmpty()) {
      throw new RefusedException("the handshake is no JSON array of regions");
    }
    if (root.size() > Run.MAX_REGIONS) {
      throw new RefusedException(root.size() + " regions: at most " + Run.MAX_REGIONS);
    }
    List<RegionRequest> regions = new ArrayList<>();
    for (JsonNode node : root) {
      RegionRequest region = region(node, "region " + regions.size());
      for (RegionRequest other : regions) {
        checkApart(region, regions.size(), other, regions.indexOf(other));
      }
      regions.add(region);
    }
    return regions;
  }

  private RegionRequest region(JsonNode node, String name) throws RefusedException {
    JsonFields.requireObject(node, name);
    JsonFields.requireKnown(node, MEMBERS, name);
    long size = JsonFields.number(node, "size", name, null);
    checkAligned(size, "size", name);
    if (size == 0 || size / pageBytes > Run.MAX_REGION_PAGES) {
      throw new RefusedException(name + ": a size of " + size + " bytes is impossible");
    }
    long page = JsonFields.number(node, "page_size", name, pageBytes);
    if (page != pageBytes) {
      throw new RefusedException(
          name + ": a page_size of " + page + " is not supported: use " + pageBytes);
    }
    RegionRequest region =
        new RegionRequest(
            aligned(node, "base_host_virt_addr", name, null),
            size,
            aligned(node, "offset", name, 0L),
            options(node, name),
            JsonFields.word(node, "advice", name, Request.Advice.class, Request.Advice.NORMAL),
            JsonFields.text(node, "store", name),
            aligned(node, "store_offset", name, 0L));
    checkEnd(region.address(), size, "base_host_virt_addr", name);
    checkEnd(region.fileOffset(), size, "offset", name);
    checkEnd(region.storeOffset(), size, "store_offset", name);
    return region;
  }

  private static RegionOptions options(JsonNode node, String name) throws RefusedException {
    long least = JsonFields.number(node, "least_bytes", name, 0L);
    long most = JsonFields.number(node, "most_bytes", name, Long.MAX_VALUE);
    if (most < least) {
      throw new RefusedException(
          name + ": most_bytes " + most + " is less than least_bytes " + least);
    }
    return new RegionOptions(least, most, JsonFields.flag(node, "writable", name));
  }

  private long aligned(JsonNode node, String key, String name, @Nullable Long absent)
      throws RefusedException {
    long value = JsonFields.number(node, key, name, absent);
    checkAligned(value, key, name);
    return value;
  }

  private void checkAligned(long value, String key, String name) throws RefusedException {
    if (value % pageBytes != 0) {
      throw new RefusedException(
          name + ": " + key + " " + value + " is no multiple of the page size, " + pageBytes);
    }
  }

  private static void checkEnd(long start, long size, String key, String name)
      throws RefusedException {
    if (start + size < 0) {
      throw new RefusedException(name + ": " + key + " " + start + " is too large");
    }
  }

  private static void checkApart(RegionRequest region, int index, RegionRequest other, int at)
      throws RefusedException {
    boolean inMemory =
        RegionRequest.overlap(
            region.address(), region.sizeBytes(), other.address(), other.sizeBytes());
    boolean inFile =
        RegionRequest.overlap(
            region.fileOffset(), region.sizeBytes(), other.fileOffset(), other.sizeBytes());
    if (inMemory || inFile) {
      throw new RefusedException(
          "regions "
              + at
              + " and "
              + index
              + " overlap"
              + (inMemory ? " in memory" : " in the memfd"));
    }
  }
}
