package io.faultline.dest;

/** Where the guest runs while pages arrive. */
enum GuestPhase {
  /** It runs at the source. A page may arrive several times; the last copy counts. */
  PRECOPY,
  /** It is paused and being handed over. No page arrives. */
  SWITCHOVER,
  /** It, or its devices, runs here. A page that it may have changed must not be written again. */
  RUNNING
}
