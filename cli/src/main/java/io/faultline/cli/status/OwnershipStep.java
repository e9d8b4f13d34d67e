package io.faultline.cli.status;

import java.util.Locale;

/** How far a node has come, as far as that decides whose the VM is. */
public enum OwnershipStep {
  /** Source: the VM runs there. */
  RUNS_HERE,
  /** Source: the VM is paused there, and RUN was not sent. */
  PAUSED,
  /** Source: RUN was sent, or is about to be. */
  COMMITTED,
  /** Destination: nobody has come. */
  LISTENING,
  /** Destination: memory is prepared, and may arrive. */
  RECEIVING,
  /** Destination: the VM is loaded, and was not told to run. */
  READY,
  /** Destination: the VM runs there. */
  RUNNING,
  /** Destination: the VM runs there without pages that are lost. */
  POISONED,
  /** Destination: the VM was stopped, since its memory will never be complete. */
  STOPPED;

  /** As in JSON. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
