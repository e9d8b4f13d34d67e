package io.faultline.cli.bench.cases;

import io.faultline.cli.bench.measure.BenchEnvironment;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.snapshots.DemoSnapshotCase;
import io.faultline.cli.bench.snapshots.SnapshotCase;
import io.faultline.cli.bench.snapshots.SnapshotCase.Way;
import io.faultline.cli.bench.snapshots.SnapshotPrograms;
import java.util.ArrayList;
import java.util.List;

/** Snapshots of running guests. They run only if they are selected: they write gigabytes. */
public final class SnapshotCases {
  private static final int LARGE = 8;

  private SnapshotCases() {}

  /**
   * The cases of this project.
   *
   * @param ramBytes guest memory, of the large cases 8 times that
   */
  static List<BenchCase> ofProject(BenchEnvironment environment, long ramBytes) {
    SnapshotPrograms programs = new SnapshotPrograms(environment);
    return List.of(
        new SnapshotCase(programs, Way.FAULTLINE, "", ramBytes),
        new SnapshotCase(programs, Way.FAULTLINE, "-large", LARGE * ramBytes),
        new DemoSnapshotCase(programs, "simulated", ramBytes),
        new DemoSnapshotCase(programs, "kvm", ramBytes));
  }

  /** Those of other ways; each has one of this project as its counterpart. */
  public static List<BenchCase> ofOthers(BenchEnvironment environment, long ramBytes) {
    SnapshotPrograms programs = new SnapshotPrograms(environment);
    List<BenchCase> cases = new ArrayList<>();
    for (Way way : List.of(Way.QEMU, Way.PLAIN)) {
      cases.add(new SnapshotCase(programs, way, "", ramBytes));
      cases.add(new SnapshotCase(programs, way, "-large", LARGE * ramBytes));
    }
    return cases;
  }

  /** Whether a case runs only if it is selected for this. */
  public static boolean isOf(BenchCase each) {
    return each.table() == ResultTable.SNAPSHOTS;
  }
}
