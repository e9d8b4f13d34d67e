package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;
import io.faultline.dest.recording.IncomingMilestones;
import io.faultline.source.recording.OutgoingMilestones;
import java.util.ArrayList;
import java.util.List;

/** The switchover enlarged: a bar for each of its parts, one after the other. */
final class SwitchoverChart {
  private static final double WIDTH = Timeline.WIDTH;
  private static final double LEFT = 190;
  private static final double RIGHT = 90;
  private static final double ROW = 22;
  private static final double TOP = 22;
  private static final int MOST_TICKS = 8;

  private final List<Part> parts = new ArrayList<>();

  /** A part from one time to another; also which side's style it has. */
  private record Part(String name, String side, long startNanos, long endNanos) {}

  private SwitchoverChart() {}

  /** Draws it; empty if the VM did not switch over, or the step is not known. */
  static String of(Phases phases) {
    SwitchoverChart chart = new SwitchoverChart();
    if (phases.out().pauseNanos() != 0 && phases.firstInstructionNanos() != 0) {
      chart.addSource(phases.out());
      chart.addDestination(phases);
    } else if (phases.in().firstInstructionNanos() != 0) {
      chart.addDestination(phases.in());
    }
    return chart.parts.isEmpty() ? "" : chart.draw();
  }

  private void addSource(OutgoingMilestones out) {
    add("pause the vCPUs", "source", out.pauseNanos(), out.pausedNanos());
    add("read the dirty log", "source", out.pausedNanos(), out.syncedNanos());
    add("send the last round", "source", out.syncedNanos(), out.copiedNanos());
    add("save the device state", "source", out.copiedNanos(), out.stateReadNanos());
  }

  private void addDestination(Phases phases) {
    OutgoingMilestones out = phases.out();
    IncomingMilestones in = phases.in();
    if (in.stateArrivedNanos() != 0) {
      add("send it", "wire", out.stateReadNanos(), in.stateArrivedNanos());
      addDestination(in);
      return;
    }
    long first = phases.firstInstructionNanos();
    long run = first - out.startNanos();
    long loaded = run - (run - out.stateReadNanos() - out.loadNanos()) / 2;
    add("send it", "wire", out.stateReadNanos(), loaded - out.loadNanos());
    add("load it", "destination", loaded - out.loadNanos(), loaded);
    add("READY and RUN", "wire", loaded, run);
    add("start the vCPUs", "destination", run, first);
  }

  private void addDestination(IncomingMilestones in) {
    add("load it", "destination", in.stateArrivedNanos(), in.readyNanos());
    add("READY and RUN", "wire", in.readyNanos(), in.runNanos());
    add("start the vCPUs", "destination", in.runNanos(), in.firstInstructionNanos());
  }

  private void add(String name, String side, long start, long end) {
    if (start != 0 && end - start > 0) {
      parts.add(new Part(name, side, start, end));
    }
  }

  private String draw() {
    long start = parts.getFirst().startNanos;
    long length = Math.max(1, parts.getLast().endNanos - start);
    double bottom = TOP + parts.size() * ROW + 4;
    double scale = (WIDTH - LEFT - RIGHT) / length;
    Svg svg = new Svg(WIDTH, bottom + 6, "The parts of the downtime");
    svg.group("mark", "switchover");
    long step = Units.niceStep(length, MOST_TICKS);
    for (long at = 0; at <= length; at += step) {
      double x = LEFT + at * scale;
      svg.line("grid", x, TOP - 4, x, bottom);
      svg.words("label", "middle", x, TOP - 10, at == 0 ? "0" : Units.nanosIn(at, step));
    }
    double y = TOP;
    for (Part part : parts) {
      double x = LEFT + (part.startNanos - start) * scale;
      double width = Math.max(1, (part.endNanos - part.startNanos) * scale);
      svg.group("part", part.name);
      svg.words("label", "end", LEFT - 10, y + 14, part.name);
      svg.rect("part " + part.side, x, y + 3, width, ROW - 7);
      String value = Units.nanos(part.endNanos - part.startNanos);
      svg.words("value", "start", x + width + 6, y + 14, value);
      svg.endGroup();
      y += ROW;
    }
    svg.endGroup();
    return svg.end();
  }
}
