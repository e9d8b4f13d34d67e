package io.faultline.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** All cases, in the order of their tables. */
final class Cases {
  /** What {@code --quick} runs where nothing else is asked for: something of most tables. */
  private static final Set<String> QUICK =
      Set.of("fault-idle", "fault-bulk", "bulk", "kvm-4k", "downtime-medium", "workload-zipf");

  private Cases() {}

  /**
   * Those of this project's own.
   *
   * @param ramBytes of the VM in most of them
   * @param oneCpu a command that keeps what it starts on one CPU; empty where there is none
   */
  static List<BenchCase> migrations(
      BenchEnvironment environment, long ramBytes, List<String> oneCpu) {
    CaseList list = new CaseList(environment, ramBytes);
    PathCases.add(list, oneCpu);
    EqualCases.add(list);
    VmCases.add(list);
    WorkloadCases.add(list);
    return list.cases();
  }

  /** The same work in C, for the cases above that have a counterpart. */
  static List<BenchCase> floor(Floor floor, long ramBytes, List<String> oneCpu) {
    long idle = PathCases.idleRam(ramBytes);
    List<BenchCase> cases = new ArrayList<>();
    cases.add(new FloorCase(floor, Figure.FAULTS, "fault-idle", "idle", idle, List.of()));
    cases.add(new FloorCase(floor, Figure.FAULTS, "fault-bulk", "bulk", ramBytes, List.of()));
    if (!oneCpu.isEmpty()) {
      cases.add(new FloorCase(floor, Figure.FAULTS, "fault-idle-1cpu", "idle", idle, oneCpu));
      cases.add(new FloorCase(floor, Figure.FAULTS, "fault-bulk-1cpu", "bulk", ramBytes, oneCpu));
    }
    cases.add(new FloorCase(floor, Figure.BULK, "bulk", "place", ramBytes, List.of()));
    cases.add(new FloorCase(floor, Figure.BULK, "bulk", "raw", ramBytes, List.of()));
    return cases;
  }

  /** Whether a case is one of the few of a first look, or goes with one. */
  static boolean isQuick(BenchCase each) {
    return QUICK.contains(each.counterpart());
  }

  /** Puts each of the others behind its counterpart, so that both meet the same machine. */
  static List<BenchCase> interleaved(List<BenchCase> cases, List<BenchCase> others) {
    List<BenchCase> rest = new ArrayList<>(others);
    List<BenchCase> all = new ArrayList<>();
    for (BenchCase each : cases) {
      all.add(each);
      others.stream().filter(other -> other.counterpart().equals(each.name())).forEach(all::add);
    }
    rest.removeAll(all);
    all.addAll(rest);
    return all;
  }
}
