package io.faultline.proto;

import java.util.Locale;

/** How the loop of the urgent connection waits for what comes next. */
public enum Polling {
  /** It never sleeps: a processor of its own, for the shortest way. */
  SPIN,
  /** It sleeps until something comes: waking it takes some tens of microseconds. */
  BLOCK,
  /** It spins for about a round trip while something is due, and then sleeps. */
  ADAPTIVE;

  /** As on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
