package io.faultline.cli.report.page;

import io.faultline.cli.recording.DestinationSide;
import io.faultline.cli.recording.MigrationRecording;
import io.faultline.cli.report.Results;
import io.faultline.cli.svg.Svg;
import io.faultline.dest.recording.FaultKind;
import io.faultline.dest.recording.ResolvedFaults;
import io.faultline.dest.recording.Way;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The report of one migration as a page: a single file of well-formed HTML without scripts, that
 * loads nothing. Marks that a test or a script may look for have {@code data-} attributes. Its size
 * does not grow with the VM or with the number of faults.
 */
public final class ReportPage {
  private final MigrationRecording recording;
  private final ObjectNode result;
  private final Phases phases;
  private final StringBuilder text = new StringBuilder();

  private ReportPage(MigrationRecording recording, ObjectNode result) {
    this.recording = recording;
    this.result = result;
    phases = Phases.of(recording);
  }

  /**
   * Draws the report.
   *
   * @param result of the migration, as JSON
   */
  public static String of(MigrationRecording recording, ObjectNode result) {
    ReportPage page = new ReportPage(recording, result);
    page.head();
    page.text.append(KeyFigures.of(result));
    page.timeline();
    page.switchover();
    page.memory();
    page.paging();
    page.heading("Numbers");
    page.text.append(Numbers.of(result));
    return page.text.append(PageStyle.END).toString();
  }

  private void head() {
    text.append(PageStyle.begin("Faultline: report of a migration")).append(header());
    text.append("<p>").append(Svg.esc(subtitle())).append("</p>\n");
  }

  private String title() {
    String vm = result.path("vm").asString("");
    return vm.isEmpty() ? "Live migration" : "Live migration of a " + vm + " VM";
  }

  /** What is known of the outcome: only a destination knows whether the VM is intact. */
  private String header() {
    boolean completed = result.path("status").asString("").equals("completed");
    String words;
    boolean isGood = true;
    if (Results.isGood(result)) {
      words = "verified";
    } else if (completed && recording.destination() == null) {
      words = "completed";
    } else {
      words = completed ? "not verified" : "failed";
      isGood = false;
    }
    return PageStyle.header(title(), words, isGood, result.path("error").asString(""));
  }

  private String subtitle() {
    List<String> facts = new ArrayList<>();
    if (result.has("ram_bytes")) {
      facts.add(Units.bytes(result.path("ram_bytes").asDouble()) + " RAM");
    }
    fact(facts, "backing", "%s memory");
    fact(facts, "vcpus", "%s vCPUs");
    fact(facts, "workload", "%s workload");
    fact(facts, "mode", "mode %s");
    fact(facts, "placement", "placement %s");
    if (recording.source() == null) {
      facts.add("as the destination saw it");
    } else if (recording.destination() == null) {
      facts.add("as the source saw it");
    }
    return String.join(" \u00b7 ", facts);
  }

  private void fact(List<String> facts, String key, String format) {
    JsonNode value = result.path(key);
    if (!value.isMissingNode()) {
      facts.add(format.formatted(value.asString()));
    }
  }

  private void timeline() {
    heading("Timeline");
    text.append("<p>Time 0 is when the destination had prepared its memory.");
    if (phases.pauseNanos() != 0) {
      text.append(" The band through all tracks is the downtime.");
    }
    text.append("</p>\n");
    DestinationSide side = recording.destination();
    if (side != null) {
      faultLegend(side.events().faults());
    }
    text.append("<div class='wide'>\n").append(Timeline.of(recording, phases)).append("</div>\n");
    if (side != null && side.blockedTime().isEmpty()) {
      text.append("<p data-mark='blocked-unknown'>When vCPUs waited for pages is recorded for");
      text.append(" simulated VMs only. With KVM the kernel waits, and counts the total.</p>\n");
    }
  }

  private void faultLegend(ResolvedFaults faults) {
    text.append("<ul class='legend'>\n");
    for (FaultKind kind : List.of(FaultKind.URGENT, FaultKind.PREFETCHED, FaultKind.LOCAL)) {
      long count = faults.count(kind);
      if (kind == FaultKind.LOCAL && count == 0) {
        continue;
      }
      text.append("<li><svg class='key' viewBox='0 0 12 12'>").append(shape(kind));
      text.append("</svg><b>").append(Ways.style(kind)).append("</b> ").append(Units.count(count));
      text.append(": ").append(Svg.esc(Ways.explain(kind))).append("</li>\n");
    }
    if (phases.hasLosses()) {
      text.append("<li data-mark='loss-legend'><svg class='key' viewBox='0 0 12 12'>");
      text.append("<path class='loss' d='M6 11l-5 -9h10z'/></svg><b>connection lost</b></li>\n");
      text.append("<li><i class='p-paused'></i><b>paused</b></li>\n");
      text.append("<li><i class='p-recovering'></i><b>recovering</b></li>\n");
    }
    text.append("</ul>\n");
    long unknown = faults.count(FaultKind.UNKNOWN) + faults.unrecorded();
    if (unknown > 0) {
      text.append("<p data-mark='unrecorded'>").append(Units.count(unknown));
      text.append(" of ").append(Units.count(faults.size() + faults.unrecorded()));
      text.append(" faults are not drawn: ").append(Units.count(faults.unrecorded()));
      text.append(" were read when the record was full, and of the others it is not known what");
      text.append(" resolved them. The numbers below count all.</p>\n");
    }
  }

  private static String shape(FaultKind kind) {
    String style = "f-" + Ways.style(kind);
    return switch (kind) {
      case PREFETCHED -> "<path class='" + style + "' d='M6 1l5 5l-5 5l-5 -5z'/>";
      case LOCAL -> "<rect class='" + style + "' x='2' y='2' width='8' height='8'/>";
      default -> "<circle class='" + style + "' cx='6' cy='6' r='4.2'/>";
    };
  }

  private void switchover() {
    String chart = SwitchoverChart.of(phases);
    if (!chart.isEmpty()) {
      heading("Switchover");
      text.append("<ul class='legend'><li><i class='part source'></i>source</li>");
      text.append("<li><i class='part wire'></i>on the wire</li>");
      text.append("<li><i class='part destination'></i>destination</li></ul>\n");
      text.append("<div class='wide'>\n").append(chart).append("</div>\n");
    }
  }

  private void memory() {
    DestinationSide side = recording.destination();
    if (side == null) {
      return;
    }
    String map = MemoryMap.of(side.events().cells(), side.pageBytes(), TimeAxis.of(phases));
    if (map.isEmpty()) {
      return;
    }
    heading("Guest memory");
    text.append("<p>From the first address to the last, row by row; a cell is ");
    text.append(MemoryMap.cellSize(side.events().cells(), side.pageBytes()));
    text.append(".</p>\n<ul class='legend'>\n");
    CellShares shares = new CellShares(side.events().cells());
    for (Way way : Way.values()) {
      long pages = shares.total(way);
      if (pages > 0) {
        text.append("<li><i class='w-").append(Ways.style(way)).append("'></i><b>");
        text.append(Ways.style(way)).append("</b> ").append(Units.count(pages)).append(": ");
        text.append(Svg.esc(Ways.explain(way))).append("</li>\n");
      }
    }
    text.append("</ul>\n<div class='wide'>\n").append(map).append("</div>\n");
  }

  private void paging() {
    String figures = KeyFigures.ofPaging(result);
    if (!figures.isEmpty()) {
      heading("Paging at the source");
      text.append(
          "<p>While the VM ran at the source, a part of its memory was in a store, such as a file."
              + " A fill");
      text.append(" reads pages from it; a rescue takes one back on its way there.</p>\n");
      text.append(figures);
    }
  }

  private void heading(String words) {
    text.append("<h2>").append(Svg.esc(words)).append("</h2>\n");
  }
}
