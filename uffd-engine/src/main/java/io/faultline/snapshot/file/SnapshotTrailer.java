package io.faultline.snapshot.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * The last 80 bytes, little-endian. The data begins where the state ends, the index where the data
 * ends, the trailer where the index ends.
 *
 * <pre>
 *   0    16      24      32      40      44      48       56       64      72       76      80
 *  +----+-------+-------+-------+-------+-------+--------+--------+-------+--------+-------+
 *  | id | state | data  | index | state | index | encod- | stored | zeros | CRC32C | magic |
 *  |    | bytes | bytes | bytes | CRC   | CRC   | ing    | bytes  |       | of 0   |       |
 *  +----+-------+-------+-------+-------+-------+--------+--------+-------+--------+-------+
 * </pre>
 *
 * @param dataBytes before compression
 * @param storedBytes what the data takes in the file; in the file 0 if it is not compressed
 */
record SnapshotTrailer(
    SnapshotId id,
    long stateBytes,
    long dataBytes,
    long storedBytes,
    long indexBytes,
    DataEncoding encoding,
    int stateChecksum,
    int indexChecksum) {
  static final int SIZE_BYTES = 80;

  /** "SNAP". */
  private static final int MAGIC = 0x50414e53;

  /** More than the index, an array, has checksums for. */
  private static final long MAX_DATA_BYTES = (long) Integer.MAX_VALUE << 16;

  private static final int CHECKSUM_AT = 72;
  private static final int MAGIC_AT = 76;

  long dataOffset() {
    return SnapshotHeader.SIZE_BYTES + stateBytes;
  }

  long indexOffset() {
    return dataOffset() + storedBytes;
  }

  /** The first offset after the data, as if it were not compressed. */
  long dataEnd() {
    return dataOffset() + dataBytes;
  }

  boolean isCompressed() {
    return encoding != DataEncoding.PLAIN;
  }

  ByteBuffer encode() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(id.high()).putLong(id.low());
    bytes.putLong(stateBytes).putLong(dataBytes).putLong(indexBytes);
    bytes.putInt(stateChecksum).putInt(indexChecksum);
    bytes.putLong(encoding.ordinal()).putLong(isCompressed() ? storedBytes : 0);
    bytes.putInt(CHECKSUM_AT, Checksum.of(bytes.slice(0, CHECKSUM_AT)));
    bytes.putInt(MAGIC_AT, MAGIC);
    return bytes.clear();
  }

  /**
   * @param bytes of the file, little-endian
   * @throws SnapshotException if it is no trailer, or not of a file of this size and id
   */
  static SnapshotTrailer decode(Path file, ByteBuffer bytes, SnapshotId id, long fileBytes) {
    boolean complete =
        bytes.getInt(MAGIC_AT) == MAGIC
            && bytes.getInt(CHECKSUM_AT) == Checksum.of(bytes.slice(0, CHECKSUM_AT));
    if (!complete) {
      throw SnapshotException.damaged(
          file, "it has no trailer at its end: it was not finished, or was cut off");
    }
    SnapshotId found = new SnapshotId(bytes.getLong(), bytes.getLong());
    SnapshotTrailer trailer = decode(file, bytes, found);
    if (!found.equals(id)) {
      throw SnapshotException.damaged(
          file, "its trailer is of snapshot " + found + ", its header of " + id);
    }
    trailer.check(file, fileBytes);
    return trailer;
  }

  private static SnapshotTrailer decode(Path file, ByteBuffer bytes, SnapshotId id) {
    long stateBytes = bytes.getLong();
    long dataBytes = bytes.getLong();
    long indexBytes = bytes.getLong();
    int stateChecksum = bytes.getInt();
    int indexChecksum = bytes.getInt();
    long encoding = bytes.getLong();
    long storedBytes = bytes.getLong();
    DataEncoding[] known = DataEncoding.values();
    if (encoding < 0 || encoding >= known.length) {
      throw new SnapshotException(
          file + " is compressed in a way that this program does not know: " + encoding);
    }
    return new SnapshotTrailer(
        id,
        stateBytes,
        dataBytes,
        encoding == 0 ? dataBytes : storedBytes,
        indexBytes,
        known[(int) encoding],
        stateChecksum,
        indexChecksum);
  }

  private void check(Path file, long fileBytes) {
    requireSection(file, "state", stateBytes, fileBytes, SnapshotHeader.SIZE_BYTES);
    int multiple = isCompressed() ? 1 : SnapshotHeader.SIZE_BYTES;
    requireSection(file, "data", storedBytes, fileBytes, multiple);
    requireSection(file, "data", dataBytes, MAX_DATA_BYTES, SnapshotHeader.SIZE_BYTES);
    requireSection(file, "index", indexBytes, fileBytes, Integer.BYTES);
    long expected = indexOffset() + indexBytes + SIZE_BYTES;
    if (expected != fileBytes) {
      throw SnapshotException.damaged(
          file, "it has " + fileBytes + " bytes, its trailer says " + expected);
    }
  }

  /** Each section is shorter than the file, so that no sum of them overflows. */
  private static void requireSection(
      Path file, String name, long bytes, long fileBytes, int multiple) {
    if (bytes < 0 || bytes > fileBytes || bytes % multiple != 0) {
      throw SnapshotException.damaged(file, "its " + name + " has " + bytes + " bytes");
    }
  }
}
