package io.faultline.cli.bench.cases;

import io.faultline.cli.bench.measure.DelayedLinkCase;
import io.faultline.cli.bench.measure.FaultTimeline;
import io.faultline.cli.bench.measure.MigrationCase;
import io.faultline.cli.bench.measure.TimelineCase;
import io.faultline.cli.bench.measure.TimelineRun;
import io.faultline.cli.bench.result.ResultTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Remote faults, their timeline, bulk transfer, and faults while the garbage collector runs. */
final class FaultAndBulkCases {
  /** A request fetches a single page; the background transfer goes through memory in order. */
  private static final List<String> PLAIN = List.of("--prefetch=off", "--bubbling=off");

  /** So low that the link is idle except for requests. */
  private static final String IDLE_LINK = "--bandwidth=1m";

  /** Divides the default size, for the slow delayed link. */
  private static final int DELAYED_DIVISOR = 16;

  /** Collectors of JDK 25, as its options name them. */
  private static final List<String> COLLECTORS = List.of("G1", "Serial", "Parallel", "Z");

  /** The young generation fills about five times a second. */
  private static final List<String> SMALL_HEAP = List.of("-Xmn32m", "-Xms96m", "-Xmx96m");

  /** What the launcher chooses; ZGC has no fixed young generation, but the same heap. */
  private static final List<String> YOUNG_HEAP = List.of("-Xmn128m", "-Xms256m", "-Xmx256m");

  /** Each node allocates 200 MiB/s of garbage; see {@code GarbageGenerator}. */
  private static final String GARBAGE = "-Dfaultline.garbage=200";

  private FaultAndBulkCases() {}

  /**
   * Adds the cases.
   *
   * @param oneCpu a command prefix that pins a program to one CPU; empty to omit those cases
   */
  static void add(CaseList list, List<String> oneCpu) {
    list.add(idle(list, ResultTable.FAULTS, "fault-idle", "idle link"));
    list.add(underBulk(list, ResultTable.FAULTS, "fault-bulk", "under bulk").withWarmMemory());
    if (!oneCpu.isEmpty()) {
      MigrationCase idle = idle(list, ResultTable.FAULTS, "fault-idle-1cpu", "idle link, one CPU");
      list.add(idle.startedBy(oneCpu));
      MigrationCase bulk =
          underBulk(list, ResultTable.FAULTS, "fault-bulk-1cpu", "under bulk, one CPU");
      list.add(bulk.withWarmMemory().startedBy(oneCpu));
    }
    addTimeline(list);
    addBulk(list);
    COLLECTORS.forEach(collector -> list.add(collector(list, collector, "", "", SMALL_HEAP)));
    COLLECTORS.forEach(
        collector -> list.add(collector(list, collector, "-young", ", 128 MiB young", YOUNG_HEAP)));
  }

  /** Fault cases need less memory: every page faults. */
  static long idleRam(long ramBytes) {
    return CaseList.ramFraction(ramBytes, 4);
  }

  /** The link is idle except for requests. */
  static MigrationCase idle(CaseList list, ResultTable table, String name, String title) {
    long ram = idleRam(list.ramBytes());
    List<String> options = readingGuest(ram);
    options.add(IDLE_LINK);
    return list.migration(table, name, title, options).withRam(ram);
  }

  /** The link is saturated by the background transfer. */
  static MigrationCase underBulk(CaseList list, ResultTable table, String name, String title) {
    return list.migration(table, name, title, readingGuest(list.ramBytes()));
  }

  private static List<String> readingGuest(long ram) {
    List<String> options = new ArrayList<>(PLAIN);
    options.addAll(List.of("--vcpus=1", "--workload=uniform", "--write-fraction=0"));
    options.add("--working-set=" + ram);
    return options;
  }

  private static void addTimeline(CaseList list) {
    TimelineRun run = new TimelineRun(idle(list, ResultTable.TIMELINE, "timeline", "idle link"));
    for (FaultTimeline.Part part : FaultTimeline.Part.values()) {
      list.add(new TimelineCase(run, part));
    }
  }

  private static void addBulk(CaseList list) {
    List<String> idleGuest = List.of("--vcpus=1", "--pace=100", "--working-set=4m");
    List<String> continued = new ArrayList<>(idleGuest);
    continued.add("--place=continue");
    List<String> fourChannels = new ArrayList<>(idleGuest);
    fourChannels.add("--channels=4");
    list.add(list.migration(ResultTable.BULK, "bulk", "4 KiB pages", idleGuest).withWarmMemory());
    list.add(
        list.migration(ResultTable.BULK, "bulk-4ch", "4 KiB pages, 4 connections", fourChannels)
            .withWarmMemory());
    list.add(delayed(list, "bulk-far", "4 KiB pages, delayed link", idleGuest));
    list.add(
        delayed(list, "bulk-far-4ch", "4 KiB pages, delayed link, 4 connections", fourChannels));
    list.add(list.migration(ResultTable.BULK, "bulk-2m", "2 MiB pages", idleGuest).withHugePages());
    list.add(
        list.migration(ResultTable.BULK, "bulk-continue-2m", "2 MiB pages, continue", continued)
            .withHugePages());
  }

  private static DelayedLinkCase delayed(
      CaseList list, String name, String title, List<String> idleGuest) {
    List<String> options = new ArrayList<>(idleGuest);
    options.add("--compression=none"); // compression would hide the slow link
    return new DelayedLinkCase(
        list.migration(ResultTable.BULK, name, title, options)
            .withRam(list.ramFraction(DELAYED_DIVISOR)));
  }

  private static MigrationCase collector(
      CaseList list, String collector, String suffix, String titleSuffix, List<String> heap) {
    String name = "collector-" + collector.toLowerCase(Locale.ROOT) + suffix;
    String title = (collector.equals("Z") ? "ZGC" : collector) + titleSuffix;
    List<String> options = new ArrayList<>(heap);
    // The launcher's AOT cache is for its own collector, and ZGC cannot use one.
    options.addAll(List.of("-XX:+Use" + collector + "GC", "-XX:AOTMode=off", GARBAGE));
    return idle(list, ResultTable.COLLECTORS, name, title).withJvmOptions(options);
  }
}
