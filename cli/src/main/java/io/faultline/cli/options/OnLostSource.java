package io.faultline.cli.options;

import java.util.Locale;

/** What a destination does when its source was lost for long enough. */
public enum OnLostSource {
  /** Waits on: the VM sleeps where it needs a page. */
  WAIT,
  /** The VM goes on, and gets a memory error where it needs a page. */
  POISON,
  /** The VM is stopped. */
  ABORT;

  /** As on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
