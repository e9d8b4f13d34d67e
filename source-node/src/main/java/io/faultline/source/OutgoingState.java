package io.faultline.source;

/** The state of an outgoing migration. */
public enum OutgoingState {
  /** Connecting; the destination prepares its memory. The VM runs at the source. */
  SETUP,
  /** Memory is sent in precopy rounds. The VM runs at the source. */
  PRECOPY,
  /** The VM is paused, and its device state is sent. Any failure resumes it at the source. */
  SWITCHOVER,
  /** RUN was sent, which is the commit point. The destination owns the VM. */
  POSTCOPY,
  /** After the commit point: the connections are lost, and the next attempt is scheduled. */
  PAUSED,
  /** After the commit point: reconnecting. */
  RECOVERING,
  /** The destination has every page. */
  COMPLETED,
  /** Cancelled before the commit point. The VM runs at the source. */
  CANCELLED,
  /**
   * Failed. Before the commit point the VM runs at the source; after it the destination owns it.
   */
  FAILED;

  /** Whether RUN was sent. The destination owns the VM, even if RUN has not arrived yet. */
  public boolean isCommitted() {
    return this == POSTCOPY || this == PAUSED || this == RECOVERING || this == COMPLETED;
  }

  public boolean isFinal() {
    return this == COMPLETED || this == CANCELLED || this == FAILED;
  }
}
