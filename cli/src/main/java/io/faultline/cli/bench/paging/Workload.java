package io.faultline.cli.bench.paging;

import java.util.Locale;

/** What a program does with its memory; the order is that of {@code workload.h}. */
public enum Workload {
  READ("random 4 KiB reads"),
  UPDATE("random read-modify-writes"),
  WRITE("sequential writes"),
  SORT("parallel quicksort");

  private final String title;

  Workload(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** As programs and names of cases have it. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean isSort() {
    return this == SORT;
  }

  /** Whether it accesses random pages. */
  boolean isRandom() {
    return this == READ || this == UPDATE;
  }
}
