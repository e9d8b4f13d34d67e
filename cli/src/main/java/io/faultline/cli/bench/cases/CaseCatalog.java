package io.faultline.cli.bench.cases;

import io.faultline.cli.bench.measure.BenchEnvironment;
import io.faultline.cli.bench.measure.FloorCase;
import io.faultline.cli.bench.measure.FloorProgram;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.ResultTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Every case, in the order of the tables. */
public final class CaseCatalog {
  /** What {@code --quick} runs without {@code --only}: a case of most tables. */
  private static final Set<String> QUICK =
      Set.of("fault-idle", "fault-bulk", "bulk", "kvm-4k", "downtime-medium", "workload-zipf");

  private CaseCatalog() {}

  /**
   * The cases of this project.
   *
   * @param ramBytes guest memory of most cases
   * @param oneCpu a command prefix that pins a program to one CPU; empty to omit those cases
   */
  public static List<BenchCase> migrations(
      BenchEnvironment environment, long ramBytes, List<String> oneCpu) {
    CaseList list = new CaseList(environment, ramBytes);
    FaultAndBulkCases.add(list, oneCpu);
    RecordingCases.add(list);
    QemuComparisonCases.add(list);
    DowntimeAndPlacementCases.add(list);
    WorkloadCases.add(list);
    RestoreCases.add(list);
    CriuCases.ofProject(environment).forEach(list::add);
    PagingCases.ofProject(environment, ramBytes).forEach(list::add);
    SnapshotCases.ofProject(environment, ramBytes).forEach(list::add);
    UffdHandlerCases.ofProject(environment).forEach(list::add);
    return list.cases();
  }

  /** The cases of the C floor. */
  public static List<BenchCase> floor(FloorProgram floor, long ramBytes, List<String> oneCpu) {
    long idle = FaultAndBulkCases.idleRam(ramBytes);
    List<BenchCase> cases = new ArrayList<>();
    cases.add(new FloorCase(floor, ResultTable.FAULTS, "fault-idle", "idle", idle, List.of()));
    cases.add(new FloorCase(floor, ResultTable.FAULTS, "fault-bulk", "bulk", ramBytes, List.of()));
    if (!oneCpu.isEmpty()) {
      cases.add(new FloorCase(floor, ResultTable.FAULTS, "fault-idle-1cpu", "idle", idle, oneCpu));
      cases.add(
          new FloorCase(floor, ResultTable.FAULTS, "fault-bulk-1cpu", "bulk", ramBytes, oneCpu));
    }
    cases.add(new FloorCase(floor, ResultTable.BULK, "bulk", "place", ramBytes, List.of()));
    cases.add(new FloorCase(floor, ResultTable.BULK, "bulk", "raw", ramBytes, List.of()));
    return cases;
  }

  /** Whether {@code --quick} runs a case, or the case that it is a reference for. */
  public static boolean isQuick(BenchCase each) {
    return QUICK.contains(each.counterpart());
  }

  /**
   * Places each reference case after its counterpart, so that both run under the same conditions.
   */
  public static List<BenchCase> interleaved(List<BenchCase> cases, List<BenchCase> references) {
    List<BenchCase> rest = new ArrayList<>(references);
    List<BenchCase> all = new ArrayList<>();
    for (BenchCase each : cases) {
      all.add(each);
      references.stream()
          .filter(reference -> reference.counterpart().equals(each.name()))
          .forEach(all::add);
    }
    rest.removeAll(all);
    all.addAll(rest);
    return all;
  }
}
