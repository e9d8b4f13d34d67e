package io.faultline.cli.simulation.runtime;

import org.jspecify.annotations.Nullable;

/** Records the first invariant that a run violates. */
public final class InvariantLog {
  private final Simulator simulator;
  private @Nullable String violation;

  public InvariantLog(Simulator simulator) {
    this.simulator = simulator;
  }

  /** Reports a violation; the run ends after this event. */
  public void violated(String what) {
    if (violation == null) {
      violation = what;
      simulator.trace("VIOLATION", () -> what);
    }
  }

  /** Reports a violation unless the condition is true. */
  public void require(boolean condition, String otherwise) {
    if (!condition) {
      violated(otherwise);
    }
  }

  /** The first violation; null for none. */
  public @Nullable String violation() {
    return violation;
  }
}
