package io.faultline.cli.bench.cases;

import io.faultline.cli.bench.measure.RestoreCase;
import io.faultline.cli.bench.measure.RestoredSnapshot;
import io.faultline.cli.bench.measure.RestoredSnapshot.KnownSet;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.ResultTable;

/** Restores of snapshots. They run only if they are selected. */
public final class RestoreCases {
  private RestoreCases() {}

  static void add(CaseList list) {
    RestoredSnapshot snapshot = new RestoredSnapshot(list.environment(), list.ramBytes());
    add(list, snapshot, "restore", "file in the page cache", KnownSet.OFF, false);
    add(list, snapshot, "restore-set", "in the page cache, working set", KnownSet.SAME, false);
    add(list, snapshot, "restore-cold", "file not in the page cache", KnownSet.OFF, true);
    add(list, snapshot, "restore-cold-set", "not cached, working set", KnownSet.SAME, true);
    add(list, snapshot, "restore-cold-stale", "not cached, stale set", KnownSet.STALE, true);
  }

  private static void add(
      CaseList list,
      RestoredSnapshot snapshot,
      String name,
      String title,
      KnownSet set,
      boolean cold) {
    list.add(new RestoreCase(list.environment(), snapshot, name, title, set, cold));
  }

  /** Whether a case runs only if it is selected for this. */
  public static boolean isOf(BenchCase each) {
    return each.table() == ResultTable.RESTORE;
  }
}
