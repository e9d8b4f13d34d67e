package io.faultline.snapshot.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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

  /**
   * Identifies a file of memory that has no id of its own, such as Firecracker's: by its size, its
   * inode and the time of its last change. A copy of the file has another id.
   */
  public static SnapshotId ofMemoryFile(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    String identity =
        attributes.size() + " " + attributes.fileKey() + " " + attributes.lastModifiedTime();
    ByteBuffer digest = ByteBuffer.wrap(sha256(identity));
    return new SnapshotId(digest.getLong() | 1, digest.getLong());
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
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
