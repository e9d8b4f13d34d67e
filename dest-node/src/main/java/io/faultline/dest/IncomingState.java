package io.faultline.dest;

/** Where an incoming migration stands. */
public enum IncomingState {
  /** Nobody has come yet. */
  LISTENING,
  /** A source is there; memory is prepared. */
  RECEIVING,
  /** Device state is loaded; RUN has not come. */
  READY,
  /** The VM runs here. */
  RUNNING,
  /** READY or RUNNING, and the source is lost: a VM that runs goes on until it needs a page. */
  PAUSED,
  /** The source is there again, and both ends find out how to go on. */
  RECOVERING,
  /** Every page is here and userfaultfd is let go. */
  COMPLETED,
  /** It failed. Before RUN the VM goes on at the source; behind it the VM was stopped here. */
  FAILED;

  /** Whether connections that are lost may be made again. */
  boolean isRecoverable() {
    return this == READY || this == RUNNING || this == PAUSED || this == RECOVERING;
  }

  public boolean isFinal() {
    return this == COMPLETED || this == FAILED;
  }
}
