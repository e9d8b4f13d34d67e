package io.faultline.cli.simulation;

import java.util.Locale;

/** How a run came to its end. */
enum Ending {
  /** All memory is at the destination, and both ends know it. */
  COMPLETED,
  /** All memory is at the destination, and the source did not hear so. */
  COMPLETED_UNHEARD,
  /** The VM goes on at the source. */
  RESUMED,
  /** One end waits for the other, which is away. */
  WAITING,
  /** Somebody gave up, as it was told to. */
  GIVEN_UP,
  /** The process that had the VM is gone. */
  LOST,
  /** A rule was broken. */
  BROKEN;

  /** For a person. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
