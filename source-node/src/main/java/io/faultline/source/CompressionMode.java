package io.faultline.source;

import java.util.Locale;

/** How memory that nobody waits for is compressed on its way. */
public enum CompressionMode {
  /** By what the link and the processor allow, batch by batch. */
  AUTO,
  NONE,
  LZ4,
  ZSTD;

  /** As on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
