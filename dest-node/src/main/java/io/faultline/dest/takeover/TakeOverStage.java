package io.faultline.dest.takeover;

/**
 * How far an incoming migration had come. Each stage is recorded before what it permits is done, so
 * that a node that was killed has done at most one thing more than it had recorded.
 */
public enum TakeOverStage {
  /** READY was not sent: the VM never runs here, and continues at the source. */
  RECEIVING,
  /** READY may have been sent: only the source knows whether the VM must run here. */
  READY,
  /** RUN has arrived: the VM must run here, and may not have been started yet. */
  RUNNING,
  /** The VM was started. */
  STARTED,
  /** The VM runs here, and all of its memory has arrived: nothing is placed any more. */
  COMPLETE
}
