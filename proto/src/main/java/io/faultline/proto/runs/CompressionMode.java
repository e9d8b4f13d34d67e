package io.faultline.proto.runs;

import java.util.Locale;

/** How pages that were not requested are compressed. */
public enum CompressionMode {
  /** Chosen for each run of pages from the measured speed of the link and of the processor. */
  AUTO,
  NONE,
  LZ4,
  ZSTD;

  /** The name that the command line uses. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
