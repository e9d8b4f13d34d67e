package io.faultline.cli.status;

import java.util.Locale;

/** The steps of a node by which ownership of the VM may change. */
public enum OwnershipStep {
  /** Source: the VM runs at the source. */
  RUNS_HERE,
  /** Source: the VM is paused, and RUN was not sent. */
  PAUSED,
  /** Source: RUN was sent, or is about to be. */
  COMMITTED,
  /** Destination: no source has connected. */
  LISTENING,
  /** Destination: memory is prepared and may arrive. */
  RECEIVING,
  /** Destination: the VM is loaded, and RUN was not received. */
  READY,
  /** Destination: the VM runs at the destination. */
  RUNNING,
  /** Destination: the VM runs at the destination without the pages that are lost. */
  POISONED,
  /** Destination: the VM was stopped because its memory will never be complete. */
  STOPPED;

  /** Whether the VM, or pages that it still needs, end with this process. */
  boolean isNeededByVm() {
    return switch (this) {
      case RUNS_HERE, PAUSED, COMMITTED, RUNNING, POISONED -> true;
      case LISTENING, RECEIVING, READY, STOPPED -> false;
    };
  }

  /** As in JSON. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
