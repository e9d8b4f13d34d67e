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
  /** Every page is here and userfaultfd is let go. */
  COMPLETED,
  /** It failed. Before RUN the VM goes on at the source; behind it the VM was stopped here. */
  FAILED;

  public boolean isFinal() {
    return this == COMPLETED || this == FAILED;
  }
}
