package io.faultline.snapshot.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The first 4 KiB, little-endian; what is not named is zero:
 *
 * <pre>
 *   0       8         12        16       24      40      56        60     4092
 *  +-------+---------+---------+--------+-------+-------+---------+-------+--------+
 *  | magic | version | base    | memory | id    | id of | bytes   | path  | CRC32C |
 *  |       |         | page    | bytes  |       | base  | of path | UTF-8 | of all |
 *  +-------+---------+---------+--------+-------+-------+---------+-------+--------+
 * </pre>
 *
 * @param base the snapshot that has the pages of {@link PageRuns#IN_BASE}; null if none
 */
record SnapshotHeader(int pageBytes, long memoryBytes, SnapshotId id, @Nullable SnapshotBase base) {
  static final int SIZE_BYTES = 4096;

  /** "FLsnap01". */
  static final long MAGIC = 0x313070616e734c46L;

  static final int VERSION = 1;

  private static final int CHECKSUM_AT = SIZE_BYTES - Integer.BYTES;
  private static final int MAX_PAGE_BYTES = 1 << 16;

  ByteBuffer encode() {
    ByteBuffer page = ByteBuffer.allocateDirect(SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    page.putLong(MAGIC).putInt(VERSION).putInt(pageBytes).putLong(memoryBytes);
    page.putLong(id.high()).putLong(id.low());
    if (base != null) {
      byte[] path = base.path().toString().getBytes(StandardCharsets.UTF_8);
      page.putLong(base.id().high()).putLong(base.id().low()).putInt(path.length).put(path);
    }
    page.putInt(CHECKSUM_AT, Checksum.of(page.slice(0, CHECKSUM_AT)));
    return page.clear();
  }

  /**
   * @param page of the file, little-endian
   * @throws SnapshotException if it is no header of a snapshot that this version can read
   */
  static SnapshotHeader decode(Path file, ByteBuffer page) {
    long magic = page.getLong();
    if (magic != MAGIC) {
      throw SnapshotException.damaged(
          file, String.format("it begins with 0x%016x: name a snapshot", magic));
    }
    int version = page.getInt();
    if (version != VERSION) {
      throw new SnapshotException(
          file + " has version " + version + " of the format; this program reads " + VERSION);
    }
    if (page.getInt(CHECKSUM_AT) != Checksum.of(page.slice(0, CHECKSUM_AT))) {
      throw SnapshotException.damaged(file, "the checksum of its header is wrong");
    }
    int pageBytes = page.getInt();
    long memoryBytes = page.getLong();
    SnapshotId id = id(page);
    SnapshotHeader header = new SnapshotHeader(pageBytes, memoryBytes, id, base(file, page));
    header.check(file);
    return header;
  }

  private static SnapshotId id(ByteBuffer page) {
    return new SnapshotId(page.getLong(), page.getLong());
  }

  private static @Nullable SnapshotBase base(Path file, ByteBuffer page) {
    SnapshotId id = id(page);
    if (id.isZero()) {
      return null;
    }
    int length = page.getInt();
    if (length < 1 || length > SnapshotBase.MAX_PATH_BYTES) {
      throw SnapshotException.damaged(file, "the path of its base has " + length + " bytes");
    }
    byte[] path = new byte[length];
    page.get(path);
    try {
      return new SnapshotBase(id, Path.of(new String(path, StandardCharsets.UTF_8)));
    } catch (InvalidPathException e) {
      throw SnapshotException.damaged(file, "the path of its base is none: " + e.getMessage());
    }
  }

  private void check(Path file) {
    if (Integer.bitCount(pageBytes) != 1 || pageBytes < SIZE_BYTES || pageBytes > MAX_PAGE_BYTES) {
      throw SnapshotException.damaged(file, "its page size is " + pageBytes + " bytes");
    }
    if (memoryBytes <= 0 || memoryBytes % pageBytes != 0) {
      throw SnapshotException.damaged(file, "its memory has " + memoryBytes + " bytes");
    }
    if (id.isZero()) {
      throw SnapshotException.damaged(file, "its id is 0");
    }
  }
}
