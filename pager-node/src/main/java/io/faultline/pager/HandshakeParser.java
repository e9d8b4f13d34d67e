package io.faultline.pager;

import io.faultline.paging.table.Run;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the handshake of a client: a JSON array of regions. */
final class HandshakeParser {
  private static final JsonMapper MAPPER = JsonMapper.shared();

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
    JsonNode root = read(line);
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

  static JsonNode read(String line) throws RefusedException {
    try {
      return MAPPER.readTree(line);
    } catch (JacksonException e) {
      throw new RefusedException("not JSON: " + e.getOriginalMessage());
    }
  }

  private RegionRequest region(JsonNode node, String name) throws RefusedException {
    if (!node.isObject()) {
      throw new RefusedException(name + " is no JSON object");
    }
    long size = number(node, "size", name, null);
    checkAligned(size, "size", name);
    if (size == 0 || size / pageBytes > Run.MAX_REGION_PAGES) {
      throw new RefusedException(name + ": a size of " + size + " bytes is impossible");
    }
    long page = number(node, "page_size", name, pageBytes);
    if (page != pageBytes) {
      throw new RefusedException(
          name + ": a page_size of " + page + " is not supported: use " + pageBytes);
    }
    RegionRequest region =
        new RegionRequest(
            aligned(node, "base_host_virt_addr", name, null),
            size,
            aligned(node, "offset", name, 0L),
            flag(node, "writable", name),
            text(node, "store", name),
            aligned(node, "store_offset", name, 0L));
    checkEnd(region.address(), size, "base_host_virt_addr", name);
    checkEnd(region.fileOffset(), size, "offset", name);
    checkEnd(region.storeOffset(), size, "store_offset", name);
    return region;
  }

  private long aligned(JsonNode node, String key, String name, @Nullable Long absent)
      throws RefusedException {
    long value = number(node, key, name, absent);
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

  /**
   * Reads a number from 0 to 2^63 - 1.
   *
   * @param absent its value if there is none; null if it is required
   */
  static long number(JsonNode node, String key, String name, @Nullable Long absent)
      throws RefusedException {
    JsonNode value = node.get(key);
    if (value == null && absent != null) {
      return absent;
    }
    if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new RefusedException(
          name + ": " + key + " must be a whole number, and is " + describe(value));
    }
    if (value.asLong() < 0) {
      throw new RefusedException(name + ": " + key + " " + value.asLong() + " is negative");
    }
    return value.asLong();
  }

  private static boolean flag(JsonNode node, String key, String name) throws RefusedException {
    JsonNode value = node.get(key);
    if (value != null && !value.isBoolean()) {
      throw new RefusedException(
          name + ": " + key + " must be true or false, and is " + describe(value));
    }
    return value == null || value.asBoolean();
  }

  static @Nullable String text(JsonNode node, String key, String name) throws RefusedException {
    JsonNode value = node.get(key);
    if (value != null && !value.isString()) {
      throw new RefusedException(name + ": " + key + " must be text, and is " + describe(value));
    }
    return value == null ? null : value.asString();
  }

  private static String describe(@Nullable JsonNode value) {
    String text = value == null ? "missing" : value.toString();
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
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
