package io.faultline.snapshot.file;

import java.util.Locale;

/** How the data of a snapshot is stored. */
public enum DataEncoding {
  /** As it is. */
  PLAIN,
  /** LZ4 blocks, each of 64 KiB of data; those that do not become smaller as they are. */
  LZ4,
  /** The same with Zstandard frames. */
  ZSTD;

  /** The name that the command line uses. */
  @Override
  public String toString() {
    return this == PLAIN ? "none" : name().toLowerCase(Locale.ROOT);
  }
}
