package io.faultline.snapshot.file;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The random identity of a snapshot: files about it name it, such as a snapshot based on it.
 *
 * @param high the first eight bytes
 * @param low the last eight bytes
 */
public record SnapshotId(long high, long low) {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** A new id; never all zeros. */
  public static SnapshotId random() {
    return new SnapshotId(RANDOM.nextLong() | 1, RANDOM.nextLong());
  }

  boolean isZero() {
    return high == 0 && low == 0;
  }

  /** 32 hexadecimal digits. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
