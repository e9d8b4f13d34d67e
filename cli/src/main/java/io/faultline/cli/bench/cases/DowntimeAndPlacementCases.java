package io.faultline.cli.bench.cases;

import io.faultline.cli.bench.measure.MigrationCase;
import io.faultline.cli.bench.result.ResultTable;
import java.util.ArrayList;
import java.util.List;

/** Downtime by RAM size, and the placements by page size. */
final class DowntimeAndPlacementCases {
  private static final List<String> HYBRID = List.of("--mode=hybrid");

  /** The smallest and the largest VM of the downtime table, relative to the default size. */
  private static final int SMALL_DIVISOR = 16;

  private static final int LARGE_FACTOR = 8;

  /** Divides the default size, for the placement cases. */
  private static final int PLACEMENT_DIVISOR = 4;

  private DowntimeAndPlacementCases() {}

  /** Adds the cases. */
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

  private static void addDowntime(CaseList list, String name, String mode, List<String> options) {
    long[] sizes = {
      list.ramFraction(SMALL_DIVISOR), list.ramBytes(), LARGE_FACTOR * list.ramBytes()
    };
    String[] names = {name + "-small", name + "-medium", name + "-large"};
    for (int i = 0; i < sizes.length; i++) {
      String title = (sizes[i] >> 20) + " MiB, " + mode;
      list.add(list.migration(ResultTable.DOWNTIME, names[i], title, options).withRam(sizes[i]));
    }
  }

  private static void addPlacement(
      CaseList list, String name, String title, boolean huge, String placement) {
    List<String> options = new ArrayList<>(HYBRID);
    options.add("--place=" + placement);
    options.add("--pace=20000");
    if (!huge) {
      options.add("--backing=shmem");
    }
    MigrationCase each =
        list.migration(ResultTable.PLACEMENT, name, title, options)
            .withRam(list.ramFraction(PLACEMENT_DIVISOR));
    list.add(huge ? each.withHugePages() : each);
  }
}
