package io.faultline.source;

import io.faultline.proto.wire.Mode;
import java.util.Locale;

/** When the VM switches over, and when its memory is sent. */
public enum MigrationMode {
  /** The VM switches over immediately. All memory is sent afterwards. */
  POSTCOPY(Mode.MODE_POSTCOPY),
  /** Memory is sent in precopy rounds. Pages still dirty at the switchover are sent afterwards. */
  HYBRID(Mode.MODE_HYBRID),
  /**
   * Memory is sent in precopy rounds until the dirty pages fit into the downtime limit. These are
   * sent while the VM is paused. If they never fit, it continues as {@link #HYBRID}, if allowed.
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

  /** The name that the command line uses: {@code postcopy}, {@code hybrid}, {@code precopy}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
