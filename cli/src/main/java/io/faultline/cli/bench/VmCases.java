package io.faultline.cli.bench;

import java.util.ArrayList;
import java.util.List;

/** What the guest feels: downtime, and how its pages are placed. */
final class VmCases {
  private static final List<String> HYBRID = List.of("--mode=hybrid");

  /** The smallest and the largest VM of the table of downtime, against the usual one. */
  private static final int SMALL_DIVISOR = 16;

  private static final int LARGE_FACTOR = 8;

  /** Of the usual size, for the cases of placement. */
  private static final int PART = 4;

  private VmCases() {}

  /** Adds them. */
  static void add(CaseList list) {
    addDowntime(list, "downtime", "postcopy", List.of());
    addDowntime(
        list,
        "downtime-hybrid",
        "hybrid, continue",
        List.of("--mode=hybrid", "--place=continue", "--backing=shmem"));
    addPlacement(list, "copy-4k", "copy, 4 KiB", false, "copy");
    addPlacement(list, "continue-4k", "continue, 4 KiB", false, "continue");
    addPlacement(list, "copy-2m", "copy, 2 MiB", true, "copy");
    addPlacement(list, "continue-2m", "continue, 2 MiB", true, "continue");
  }

  private static void addDowntime(CaseList list, String name, String how, List<String> options) {
    long[] sizes = {list.part(SMALL_DIVISOR), list.ramBytes(), LARGE_FACTOR * list.ramBytes()};
    String[] names = {name + "-small", name + "-medium", name + "-large"};
    for (int i = 0; i < sizes.length; i++) {
      String title = (sizes[i] >> 20) + " MiB, " + how;
      list.add(list.of(Figure.DOWNTIME, names[i], title, options).sized(sizes[i]));
    }
  }

  private static void addPlacement(
      CaseList list, String name, String title, boolean huge, String how) {
    List<String> options = new ArrayList<>(HYBRID);
    options.add("--place=" + how);
    options.add("--pace=20000");
    if (!huge) {
      options.add("--backing=shmem");
    }
    MigrationCase each = list.of(Figure.PLACEMENT, name, title, options).sized(list.part(PART));
    list.add(huge ? each.ofHugePages() : each);
  }
}
