package io.faultline.cli.simulation;

import org.jspecify.annotations.Nullable;

/** Remembers the first rule that was broken in a run. */
final class InvariantLog {
  private final World world;
  private @Nullable String broken;

  InvariantLog(World world) {
    this.world = world;
  }

  /** A rule is broken; the run ends behind this event. */
  void broken(String what) {
    if (broken == null) {
      broken = what;
      world.tell("RULE BROKEN", () -> what);
    }
  }

  /** Holds a condition to be true. */
  void require(boolean condition, String otherwise) {
    if (!condition) {
      broken(otherwise);
    }
  }

  /** The first rule that was broken, or null. */
  @Nullable String broken() {
    return broken;
  }
}
