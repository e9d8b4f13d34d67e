package io.faultline.cli.bench.paging;

import java.util.Locale;

/** A way to use memory that is larger than RAM. */
public enum PagingSystem {
  /** Our pager, in the process of native threads that touch the memory by its address. */
  PAGING("Faultline"),
  /** Our pager, under Java threads. */
  JAVA("Faultline, Java threads"),
  /** A pager in C that makes the same calls. */
  C("C"),
  MMAP("mmap"),
  MMAP_RANDOM("mmap, MADV_RANDOM");

  private final String title;

  PagingSystem(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** As programs and names of cases have it. */
  String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether it is not ours. */
  boolean isPeer() {
    return this != PAGING && this != JAVA;
  }

  /** Whether only a cgroup limits its memory. */
  boolean needsCgroup() {
    return this == MMAP || this == MMAP_RANDOM;
  }
}
