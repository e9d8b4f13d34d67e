package io.faultline.source;

/** Where an outgoing migration stands. */
public enum OutgoingState {
  /** Connecting; the destination prepares memory. The VM runs here. */
  SETUP,
  /** Memory goes ahead in rounds. The VM runs here. */
  PRECOPY,
  /** The VM is paused, its device state travels. Any failure resumes it here. */
  SWITCHOVER,
  /** RUN is out: the commit point is behind. The VM belongs to the destination. */
  POSTCOPY,
  /** Every page is at the destination. */
  COMPLETED,
  /** It failed before the commit point, and the VM goes on here; or behind it. */
  FAILED;

  public boolean isFinal() {
    return this == COMPLETED || this == FAILED;
  }
}
