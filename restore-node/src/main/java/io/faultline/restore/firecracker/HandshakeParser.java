package io.faultline.restore.firecracker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the message of a Firecracker: a JSON array with an object for each region of guest memory
 * ({@code GuestRegionUffdMapping}). Members that are not known are ignored, since newer versions
 * may add some.
 *
 * <p>{@code page_size} exists since Firecracker 1.12; {@code page_size_kib}, since 1.7, has bytes
 * as well, in spite of its name. Earlier ones have neither, and no huge pages.
 */
final class HandshakeParser {
  private static final JsonMapper MAPPER = JsonMapper.shared();
  private static final int MAX_REGIONS = 64;
  private static final long MAX_PAGE_BYTES = 1 << 30;
  private static final long MAX_ADDRESS = 1L << 56;
  private static final int MAX_QUOTED = 40;

  private HandshakeParser() {}

  /**
   * Reads and checks the message.
   *
   * @param text what has arrived so far
   * @param fileBytes the length of the memory file
   * @return null if the rest of the message is still to come
   * @throws RefusedException if it is not a Firecracker's, or not for this file
   */
  static @Nullable GuestRegions parse(String text, long fileBytes) throws RefusedException {
    String start = text.stripLeading();
    if (start.isEmpty()) {
      return null;
    }
    try {
      return start.charAt(0) == '[' ? regions(MAPPER.readTree(start), fileBytes) : notJson(start);
    } catch (JacksonException e) {
      if (e.getLocation() != null && e.getLocation().getCharOffset() >= start.length()) {
        return null; // what is there is right so far
      }
      throw new RefusedException("its message is not JSON: " + e.getOriginalMessage());
    }
  }

  private static GuestRegions notJson(String text) throws RefusedException {
    throw new RefusedException("its message is no JSON array of regions: " + shortened(text));
  }

  private static GuestRegions regions(JsonNode root, long fileBytes) throws RefusedException {
    if (!root.isArray() || root.isEmpty() || root.size() > MAX_REGIONS) {
      throw new RefusedException(
          "its message is no JSON array of 1 to " + MAX_REGIONS + " regions: " + shortened(root));
    }
    List<GuestRegion> regions = new ArrayList<>();
    for (JsonNode node : root) {
      GuestRegion region = region(node, "region " + regions.size());
      for (int i = 0; i < regions.size(); i++) {
        if (overlap(regions.get(i), region)) {
          throw new RefusedException("regions " + i + " and " + regions.size() + " overlap");
        }
      }
      regions.add(region);
    }
    GuestRegions all = new GuestRegions(regions);
    if (all.lengthBytes() != fileBytes) {
      throw new RefusedException(
          "its regions have "
              + all.lengthBytes()
              + " bytes, and the memory file has "
              + fileBytes
              + ": give the memory file of the snapshot that it loads");
    }
    for (GuestRegion region : regions) {
      if (region.fileOffset() + region.lengthBytes() > fileBytes) {
        throw new RefusedException(
            "the region at offset " + region.fileOffset() + " ends after the memory file");
      }
    }
    return all;
  }

  private static GuestRegion region(JsonNode node, String name) throws RefusedException {
    if (!node.isObject()) {
      throw new RefusedException(name + " is no JSON object: " + shortened(node));
    }
    long page = pageBytes(node, name);
    long address = number(node, "base_host_virt_addr", name);
    long size = number(node, "size", name);
    long offset = number(node, "offset", name);
    if (size == 0) {
      throw new RefusedException(name + " has size 0");
    }
    checkMultiple(address, page, "base_host_virt_addr", name);
    checkMultiple(size, page, "size", name);
    checkMultiple(offset, MemoryFile.PAGE_BYTES, "offset", name);
    if (address > MAX_ADDRESS || size > MAX_ADDRESS || offset > MAX_ADDRESS) {
      throw new RefusedException(name + " is larger than an address space: " + shortened(node));
    }
    return new GuestRegion(address, size, offset, page);
  }

  private static long pageBytes(JsonNode node, String name) throws RefusedException {
    String key = node.has("page_size") ? "page_size" : "page_size_kib";
    if (!node.has(key)) {
      return MemoryFile.PAGE_BYTES;
    }
    long bytes = number(node, key, name);
    if (Long.bitCount(bytes) != 1 || bytes < MemoryFile.PAGE_BYTES || bytes > MAX_PAGE_BYTES) {
      throw new RefusedException(
          name + ": " + key + " " + bytes + " is no power of two from 4096 to " + MAX_PAGE_BYTES);
    }
    return bytes;
  }

  private static long number(JsonNode node, String key, String name) throws RefusedException {
    JsonNode value = node.get(key);
    if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new RefusedException(
          name
              + ": "
              + key
              + " must be a whole number, and is "
              + (value == null ? "missing" : shortened(value)));
    }
    if (value.asLong() < 0) {
      throw new RefusedException(name + ": " + key + " " + value.asLong() + " is negative");
    }
    return value.asLong();
  }

  private static void checkMultiple(long value, long unit, String key, String name)
      throws RefusedException {
    if (value % unit != 0) {
      throw new RefusedException(
          name + ": " + key + " " + value + " is no multiple of the page size, " + unit);
    }
  }

  private static boolean overlap(GuestRegion one, GuestRegion other) {
    boolean inMemory = one.address() < other.end() && other.address() < one.end();
    boolean inFile =
        one.firstFilePage() < other.endFilePage() && other.firstFilePage() < one.endFilePage();
    return inMemory || inFile;
  }

  private static String shortened(JsonNode node) {
    return shortened(node.toString());
  }

  private static String shortened(String text) {
    return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
  }
}
