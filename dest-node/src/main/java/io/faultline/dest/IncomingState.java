package io.faultline.dest;

/** The state of an incoming migration. */
public enum IncomingState {
  /** No source has connected yet. */
  LISTENING,
  /** A source is connected; memory is being prepared and filled. */
  RECEIVING,
  /** Device state is loaded; RUN has not been received. */
  READY,
  /** The VM runs here. */
  RUNNING,
  /** READY or RUNNING, but the source is lost: a running VM continues until it needs a page. */
  PAUSED,
  /** The source has reconnected, and both sides find out how to continue. */
  RECOVERING,
  /** Every page has arrived, and userfaultfd is closed. */
  COMPLETED,
  /** Failed. Before RUN the VM continues at the source; after RUN it was stopped here. */
  FAILED;

  /** Whether lost connections may be established again. */
  boolean isRecoverable() {
    return this == READY || this == RUNNING || this == PAUSED || this == RECOVERING;
  }

  public boolean isFinal() {
    return this == COMPLETED || this == FAILED;
  }
}
