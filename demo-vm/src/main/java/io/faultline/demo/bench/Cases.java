package io.faultline.demo.bench;

import io.faultline.demo.simulated.Workload;
import java.util.ArrayList;
import java.util.List;

/** All cases, in the order of their tables. */
final class Cases {
  /** Plain paths: one request brings one page, and the order of the rest is that of memory. */
  private static final List<String> PLAIN = List.of("--prefetch=off", "--bubbling=off");

  /** So little that the link is idle but for requests. */
  private static final String IDLE_LINK = "--bandwidth=1m";

  /** Huge pages need a few to make a table. */
  private static final long LEAST_RAM = 32L << 20;

  private final Laboratory laboratory;
  private final long ramBytes;
  private final List<String> oneCpu;
  private final List<BenchCase> cases = new ArrayList<>();

  private Cases(Laboratory laboratory, long ramBytes, List<String> oneCpu) {
    this.laboratory = laboratory;
    this.ramBytes = ramBytes;
    this.oneCpu = oneCpu;
  }

  /**
   * Those without the floor.
   *
   * @param ramBytes of the VM in most of them
   * @param oneCpu a command that keeps what it starts on one CPU; empty where there is none
   */
  static List<BenchCase> migrations(Laboratory laboratory, long ramBytes, List<String> oneCpu) {
    Cases all = new Cases(laboratory, ramBytes, oneCpu);
    all.addFaults();
    all.addBulk();
    all.addDowntime();
    all.addWorkloads();
    all.addPlacement();
    return all.cases;
  }

  /** The same work in C, for the cases above that have a counterpart. */
  static List<BenchCase> floor(Floor floor, long ramBytes, List<String> oneCpu) {
    long idle = faultRam(ramBytes);
    List<BenchCase> cases = new ArrayList<>();
    cases.add(new FloorCase(floor, Figure.FAULTS, "fault-idle", "idle", idle, List.of()));
    cases.add(new FloorCase(floor, Figure.FAULTS, "fault-bulk", "bulk", ramBytes, List.of()));
    if (!oneCpu.isEmpty()) {
      cases.add(new FloorCase(floor, Figure.FAULTS, "fault-idle-1cpu", "idle", idle, oneCpu));
      cases.add(new FloorCase(floor, Figure.FAULTS, "fault-bulk-1cpu", "bulk", ramBytes, oneCpu));
    }
    cases.add(new FloorCase(floor, Figure.BULK, "bulk", "place", ramBytes, List.of()));
    cases.add(new FloorCase(floor, Figure.BULK, "raw", "raw", ramBytes, List.of()));
    return cases;
  }

  /** Puts each case of the floor behind its counterpart, so that both meet the same machine. */
  static List<BenchCase> interleaved(List<BenchCase> cases, List<BenchCase> floor) {
    List<BenchCase> rest = new ArrayList<>(floor);
    List<BenchCase> all = new ArrayList<>();
    for (BenchCase each : cases) {
      all.add(each);
      rest.stream()
          .filter(other -> other.name().equals(FloorCase.PREFIX + each.name()))
          .forEach(all::add);
    }
    rest.removeAll(all);
    all.addAll(rest);
    return all;
  }

  /** A fault for each page gives enough of them in less. */
  private static long faultRam(long ramBytes) {
    return Math.max(LEAST_RAM, ramBytes / 4);
  }

  private void addFaults() {
    addFault("fault-idle", "idle link", List.of(), true);
    addFault("fault-bulk", "under bulk", List.of(), false);
    if (!oneCpu.isEmpty()) {
      addFault("fault-idle-1cpu", "idle link, one CPU", oneCpu, true);
      addFault("fault-bulk-1cpu", "under bulk, one CPU", oneCpu, false);
    }
  }

  private void addFault(String name, String title, List<String> prefix, boolean idle) {
    long ram = idle ? faultRam(ramBytes) : ramBytes;
    List<String> options = new ArrayList<>(PLAIN);
    options.addAll(List.of("--vcpus=1", "--workload=uniform", "--write-fraction=0"));
    options.add("--working-set=" + ram);
    if (idle) {
      options.add(IDLE_LINK);
    }
    add(Figure.FAULTS, name, title, prefix, ram, false, options);
  }

  private void addBulk() {
    List<String> still = List.of("--vcpus=1", "--pace=100", "--working-set=4m");
    add(Figure.BULK, "bulk", "4 KiB pages", still);
    add(Figure.BULK, "bulk-2m", "2 MiB pages", List.of(), ramBytes, true, still);
  }

  private void addDowntime() {
    addDowntime("downtime-small", ramBytes / 4);
    addDowntime("downtime", ramBytes);
    addDowntime("downtime-large", ramBytes * 4);
  }

  private void addDowntime(String name, long bytes) {
    add(Figure.DOWNTIME, name, (bytes >> 20) + " MiB", List.of(), bytes, false, List.of());
  }

  private void addWorkloads() {
    for (Workload workload : Workload.values()) {
      add(
          Figure.WORKLOADS,
          "workload-" + workload,
          workload.toString(),
          List.of("--workload=" + workload));
    }
  }

  private void addPlacement() {
    addPlacement("copy-4k", "copy, 4 KiB", false, "copy");
    addPlacement("continue-4k", "continue, 4 KiB", false, "continue");
    addPlacement("copy-2m", "copy, 2 MiB", true, "copy");
    addPlacement("continue-2m", "continue, 2 MiB", true, "continue");
  }

  private void addPlacement(String name, String title, boolean huge, String how) {
    List<String> options = new ArrayList<>(List.of("--mode=hybrid", "--place=" + how));
    options.add("--pace=20000");
    if (!huge) {
      options.add("--backing=shmem");
    }
    add(Figure.PLACEMENT, name, title, List.of(), ramBytes, huge, options);
  }

  private void add(Figure figure, String name, String title, List<String> options) {
    add(figure, name, title, List.of(), ramBytes, false, options);
  }

  private void add(
      Figure figure,
      String name,
      String title,
      List<String> prefix,
      long bytes,
      boolean huge,
      List<String> options) {
    cases.add(new MigrationCase(laboratory, figure, name, title, prefix, bytes, huge, options));
  }
}
