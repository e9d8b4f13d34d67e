package io.faultline.dest;

/** What the guest does while pages arrive. */
enum GuestPhase {
  /** It runs at the source; pages may come several times, and the last one counts. */
  PRECOPY,
  /** It is on its way: no page comes. */
  SWITCHOVER,
  /** It runs here: what it may have changed must not be written again. */
  RUNNING
}
