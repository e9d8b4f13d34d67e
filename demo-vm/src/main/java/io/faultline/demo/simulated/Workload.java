package io.faultline.demo.simulated;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where the operations of a guest program go. Each reads eight bytes, and may write them anew. */
public enum Workload {
  /** One operation for each 64 bytes, upward through the slice, again and again. */
  SEQUENTIAL,
  /** Pages at random, all alike. */
  UNIFORM,
  /** Pages at random, the r-th most popular with a probability in proportion to 1/r. */
  ZIPF,
  /** The value just read says where to go next. */
  POINTER_CHASE;

  /** As on the command line: {@code pointer-chase}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The workload of a name as {@link #toString} gives it.
   *
   * @throws IllegalArgumentException for an unknown name; the message tells the known ones
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
