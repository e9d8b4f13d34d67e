package io.faultline.demo.simulated;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Access patterns of guest programs. Each operation reads eight bytes, and may overwrite them. */
public enum Workload {
  /** One operation per 64 bytes, upward through the slice, repeatedly. */
  SEQUENTIAL,
  /** Random pages, all equally likely. */
  UNIFORM,
  /** Random pages, the r-th most popular with a probability proportional to 1/r. */
  ZIPF,
  /** The value just read determines the next address. */
  POINTER_CHASE;

  /** As on the command line: {@code pointer-chase}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The workload of a name, as {@link #toString} returns it.
   *
   * @throws IllegalArgumentException for an unknown name; the message lists the known ones
   */
  public static Workload of(String name) {
    for (Workload workload : values()) {
      if (workload.toString().equals(name)) {
        return workload;
      }
    }
    String known =
        Arrays.stream(values()).map(Workload::toString).collect(Collectors.joining(", "));
    throw new IllegalArgumentException("unknown workload '" + name + "'; known: " + known);
  }
}
