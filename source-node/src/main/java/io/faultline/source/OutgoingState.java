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
  /** Behind the commit point, the connections are lost: the next attempt is due some time. */
  PAUSED,
  /** Behind the commit point, connections are made again. */
  RECOVERING,
  /** Every page is at the destination. */
  COMPLETED,
  /** It was cancelled before the commit point: the VM goes on here. */
  CANCELLED,
  /** It failed before the commit point, and the VM goes on here; or behind it. */
  FAILED;

  /** Whether RUN is out: the VM belongs to the destination, which may have yet to be told. */
  public boolean isCommitted() {
    return this == POSTCOPY || this == PAUSED || this == RECOVERING || this == COMPLETED;
  }

  public boolean isFinal() {
    return this == COMPLETED || this == CANCELLED || this == FAILED;
  }
}
