package io.faultline.restore;

/** The states of a session, in order. */
public enum RestoreState {
  /** Waits for CRIU. */
  LISTENING,
  /** CRIU restores tasks; their faults are served. */
  RESTORING,
  /** The processes run; the background transfer too. */
  RUNNING,
  /** All pages have arrived; the origin is told. */
  FINISHING,
  /** The restored processes are being ended; the states from here on are final. */
  FAILING,
  COMPLETED,
  FAILED
}
