package io.faultline.snapshot.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The VM without its memory, padded with zeros to whole 4 KiB. A string or byte array is its length
 * in 4 bytes, then its bytes (strings in UTF-8):
 *
 * <pre>
 *  type | configuration | number of regions (4) | regions | device state
 *  a region: id (4) | name | size (8) | page size (8) | backing
 * </pre>
 */
final class StateSection {
  private static final int MULTIPLE = SnapshotHeader.SIZE_BYTES;
  private static final int REGION_BYTES = 2 * Integer.BYTES + 2 * Long.BYTES + Integer.BYTES;

  private StateSection() {}

  static ByteBuffer encode(SnapshotVm vm) {
    byte[] type = utf8(vm.type());
    byte[] configuration = vm.configuration();
    byte[] device = vm.deviceState();
    long size = 4L * Integer.BYTES + type.length + configuration.length + device.length;
    for (SnapshotRegion region : vm.regions()) {
      size += REGION_BYTES + utf8(region.name()).length + utf8(region.backing()).length;
    }
    long padded = (size + MULTIPLE - 1) / MULTIPLE * MULTIPLE;
    ByteBuffer to =
        ByteBuffer.allocateDirect(Math.toIntExact(padded)).order(ByteOrder.LITTLE_ENDIAN);
    put(to, type);
    put(to, configuration);
    to.putInt(vm.regions().size());
    for (SnapshotRegion region : vm.regions()) {
      to.putInt(region.id());
      put(to, utf8(region.name()));
      to.putLong(region.sizeBytes()).putLong(region.pageBytes());
      put(to, utf8(region.backing()));
    }
    put(to, device);
    return to.clear();
  }

  /**
   * @param from the section of a file, little-endian, with a correct checksum
   * @throws SnapshotException if it does not fit the header
   */
  static SnapshotVm decode(Path file, ByteBuffer from, SnapshotHeader header) {
    String type = string(file, "VM type", from);
    byte[] configuration = bytes(file, "configuration", from);
    int count = number(file, "number of regions", from);
    if (count < 1 || count > from.remaining() / REGION_BYTES) {
      throw SnapshotException.damaged(file, "it has " + count + " regions");
    }
    List<SnapshotRegion> regions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      regions.add(region(file, from, header));
    }
    requireAll(file, regions, header);
    return new SnapshotVm(type, configuration, regions, bytes(file, "device state", from));
  }

  private static SnapshotRegion region(Path file, ByteBuffer from, SnapshotHeader header) {
    int id = number(file, "region id", from);
    String name = string(file, "region name", from);
    if (from.remaining() < 2 * Long.BYTES) {
      throw SnapshotException.damaged(file, "region " + name + " has no size");
    }
    long size = from.getLong();
    long page = from.getLong();
    String backing = string(file, "backing", from);
    boolean pageFits = Long.bitCount(page) == 1 && page >= header.pageBytes();
    if (id < 0 || !pageFits || size <= 0 || size > header.memoryBytes() || size % page != 0) {
      throw SnapshotException.damaged(
          file, "region " + id + " has " + size + " bytes in pages of " + page);
    }
    return new SnapshotRegion(id, name, size, page, backing);
  }

  private static void requireAll(Path file, List<SnapshotRegion> regions, SnapshotHeader header) {
    Set<Integer> ids = new HashSet<>();
    long left = header.memoryBytes();
    for (SnapshotRegion region : regions) {
      left -= region.sizeBytes();
      if (left < 0 || !ids.add(region.id())) {
        throw SnapshotException.damaged(
            file, "region " + region.id() + " is twice in it, or larger than its memory");
      }
    }
    if (left != 0) {
      throw SnapshotException.damaged(file, left + " bytes of its memory are in no region");
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void put(ByteBuffer to, byte[] bytes) {
    to.putInt(bytes.length).put(bytes);
  }

  private static int number(Path file, String what, ByteBuffer from) {
    if (from.remaining() < Integer.BYTES) {
      throw SnapshotException.damaged(file, "its state ends before the " + what);
    }
    return from.getInt();
  }

  private static byte[] bytes(Path file, String what, ByteBuffer from) {
    int length = number(file, what, from);
    if (length < 0 || length > from.remaining()) {
      throw SnapshotException.damaged(file, "its " + what + " has " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    from.get(bytes);
    return bytes;
  }

  private static String string(Path file, String what, ByteBuffer from) {
    return new String(bytes(file, what, from), StandardCharsets.UTF_8);
  }
}
