package io.faultline.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The path of a page: a fault's, that of memory nobody waits for, and collectors beside it. */
final class PathCases {
  /** One request brings one page, and the order of the rest is that of memory. */
  private static final List<String> PLAIN = List.of("--prefetch=off", "--bubbling=off");

  /** So little that the link is idle but for requests. */
  private static final String IDLE_LINK = "--bandwidth=1m";

  /** Of the usual size, for a link that is as slow as a far one. */
  private static final int FAR_DIVISOR = 16;

  /** Those of JDK 25, as its options name them. */
  private static final List<String> COLLECTORS = List.of("G1", "Serial", "Parallel", "Z");

  /** Full about five times a second. */
  private static final List<String> SMALL_HEAP = List.of("-Xmn32m", "-Xms96m", "-Xmx96m");

  /** What the launcher chooses; ZGC has no such generation, but as much room. */
  private static final List<String> YOUNG_HEAP = List.of("-Xmn128m", "-Xms256m", "-Xmx256m");

  /** MiB a second, of each node; see {@code Garbage}. */
  private static final String GARBAGE = "-Dfaultline.garbage=200";

  private PathCases() {}

  /**
   * Adds them.
   *
   * @param oneCpu a command that keeps what it starts on one CPU; empty where there is none
   */
  static void add(CaseList list, List<String> oneCpu) {
    list.add(idle(list, Figure.FAULTS, "fault-idle", "idle link"));
    list.add(underBulk(list, "fault-bulk", "under bulk").onWarmMemory());
    if (!oneCpu.isEmpty()) {
      MigrationCase idle = idle(list, Figure.FAULTS, "fault-idle-1cpu", "idle link, one CPU");
      list.add(idle.behind(oneCpu));
      MigrationCase bulk = underBulk(list, "fault-bulk-1cpu", "under bulk, one CPU");
      list.add(bulk.onWarmMemory().behind(oneCpu));
    }
    addTimeline(list);
    addBulk(list);
    COLLECTORS.forEach(collector -> list.add(collector(list, collector, "", "", SMALL_HEAP)));
    COLLECTORS.forEach(
        collector -> list.add(collector(list, collector, "-young", ", 128 MiB young", YOUNG_HEAP)));
  }

  /** A fault for each page gives enough of them in less. */
  static long idleRam(long ramBytes) {
    return CaseList.part(ramBytes, 4);
  }

  private static MigrationCase idle(CaseList list, Figure figure, String name, String title) {
    long ram = idleRam(list.ramBytes());
    List<String> options = reading(ram);
    options.add(IDLE_LINK);
    return list.of(figure, name, title, options).sized(ram);
  }

  private static MigrationCase underBulk(CaseList list, String name, String title) {
    return list.of(Figure.FAULTS, name, title, reading(list.ramBytes()));
  }

  private static List<String> reading(long ram) {
    List<String> options = new ArrayList<>(PLAIN);
    options.addAll(List.of("--vcpus=1", "--workload=uniform", "--write-fraction=0"));
    options.add("--working-set=" + ram);
    return options;
  }

  private static void addTimeline(CaseList list) {
    TimelineRun run = new TimelineRun(idle(list, Figure.TIMELINE, "timeline", "idle link"));
    for (Timeline.Part part : Timeline.Part.values()) {
      list.add(new TimelineCase(run, part));
    }
  }

  private static void addBulk(CaseList list) {
    List<String> still = List.of("--vcpus=1", "--pace=100", "--working-set=4m");
    List<String> mapped = new ArrayList<>(still);
    mapped.add("--place=continue");
    List<String> four = new ArrayList<>(still);
    four.add("--channels=4");
    list.add(list.of(Figure.BULK, "bulk", "4 KiB pages", still).onWarmMemory());
    list.add(list.of(Figure.BULK, "bulk-4ch", "4 KiB pages, 4 connections", four).onWarmMemory());
    list.add(far(list, "bulk-far", "4 KiB pages, far away", still));
    list.add(far(list, "bulk-far-4ch", "4 KiB pages, far away, 4 connections", four));
    list.add(list.of(Figure.BULK, "bulk-2m", "2 MiB pages", still).ofHugePages());
    list.add(
        list.of(Figure.BULK, "bulk-continue-2m", "2 MiB pages, continue", mapped).ofHugePages());
  }

  private static DelayedLinkCase far(CaseList list, String name, String title, List<String> still) {
    List<String> options = new ArrayList<>(still);
    options.add("--compression=none"); // else it is what makes up for the link
    return new DelayedLinkCase(
        list.of(Figure.BULK, name, title, options).sized(list.part(FAR_DIVISOR)));
  }

  private static MigrationCase collector(
      CaseList list, String collector, String suffix, String words, List<String> heap) {
    String name = "collector-" + collector.toLowerCase(Locale.ROOT) + suffix;
    String title = (collector.equals("Z") ? "ZGC" : collector) + words;
    List<String> options = new ArrayList<>(heap);
    // The AOT cache is one of the launcher's collector, and ZGC could not use it at all.
    options.addAll(List.of("-XX:+Use" + collector + "GC", "-XX:AOTMode=off", GARBAGE));
    return idle(list, Figure.COLLECTORS, name, title).with(options);
  }
}
