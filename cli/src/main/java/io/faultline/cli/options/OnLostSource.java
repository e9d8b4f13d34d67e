package io.faultline.cli.options;

import java.util.Locale;

/** Values of {@code --on-lost-source}: what a destination does when its source stays lost. */
public enum OnLostSource {
  /** Keeps waiting: a vCPU that touches a missing page sleeps. */
  WAIT,
  /** The VM continues: a vCPU that touches a missing page gets a memory error. */
  POISON,
  /** The VM is stopped. */
  ABORT;

  /** As on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
