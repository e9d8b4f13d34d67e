package io.faultline.proto;

import java.util.Locale;

/** How the event loop of the urgent connection waits for the next event. */
public enum Polling {
  /** Never sleeps: occupies a CPU, for the lowest latency. */
  SPIN,
  /** Sleeps until an event arrives; waking up takes some tens of microseconds. */
  BLOCK,
  /** Spins for about a round trip while an event is due, then sleeps. */
  ADAPTIVE;

  /** The name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
