package io.faultline.source;

import io.faultline.proto.wire.Mode;
import java.util.Locale;

/** When the VM moves, and when its memory does. */
public enum MigrationMode {
  /** The VM moves at once; all memory follows. */
  POSTCOPY(Mode.MODE_POSTCOPY),
  /** Memory goes ahead in rounds; then the VM moves, and what it wrote meanwhile follows. */
  HYBRID(Mode.MODE_HYBRID),
  /**
   * Memory goes ahead in rounds until what is left fits into the downtime limit, and goes before
   * the VM runs. Where that never happens: as {@link #HYBRID}, if that is allowed.
   */
  PRECOPY(Mode.MODE_PRECOPY);

  private final Mode wire;

  MigrationMode(Mode wire) {
    this.wire = wire;
  }

  Mode wire() {
    return wire;
  }

  /** Whether memory is sent while the VM runs at the source. */
  public boolean hasRounds() {
    return this != POSTCOPY;
  }

  /** As on the command line: {@code postcopy}, {@code hybrid}, {@code precopy}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
