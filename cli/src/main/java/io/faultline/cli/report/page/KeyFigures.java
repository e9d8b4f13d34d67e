package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The figures that a reader looks for first. */
final class KeyFigures {
  private final ObjectNode result;
  private final StringBuilder text = new StringBuilder("<div class='figures'");

  private KeyFigures(ObjectNode result, String mark) {
    this.result = result;
    text.append(mark.isEmpty() ? "" : " data-mark='" + mark + "'").append(">\n");
  }

  /** Of any migration. */
  static String of(ObjectNode result) {
    KeyFigures figures = new KeyFigures(result, "");
    figures.add("Downtime", "/downtime_ms", "ms", "guest: %s", "/guest_pause_ms");
    figures.add("Total", "/total_ms", "ms", "set-up %s", "/setup_ms");
    figures.add("Throughput", "/throughput_mib_s", "MiB/s", "", "");
    figures.add("Sent", "/bytes_sent", "bytes", "", "");
    figures.add("Faults", "/faults", "", "", "");
    figures.add("Fault latency", "/fault_latency_us/p50", "us", "p99 %s", "/fault_latency_us/p99");
    figures.add("Blocked", "/blocktime_ms/total", "ms", "over all vCPUs", "");
    return figures.text.append("</div>\n").toString();
  }

  /** Of a source that pages the VM; empty if it does not. */
  static String ofPaging(ObjectNode result) {
    if (!result.has("paging")) {
      return "";
    }
    KeyFigures figures = new KeyFigures(result, "paging");
    figures.add("Hit rate", "/paging/hit_rate", "share", "of the guest's operations", "");
    figures.add("Fills", "/paging/fills", "", "rescues %s", "/paging/rescues");
    figures.add("Read", "/paging/bytes_in", "bytes", "from the store", "");
    figures.add("Written", "/paging/bytes_out", "bytes", "to the store", "");
    figures.add("Evicted clean", "/paging/evicted_clean", "", "dirty %s", "/paging/evicted_dirty");
    figures.add("Buffer", "/paging/buffer_bytes", "bytes", "used %s", "/paging/most_used_bytes");
    figures.add("Sent from the store", "/paging/pages_from_store", "", "pages", "");
    return figures.text.append("</div>\n").toString();
  }

  /**
   * Adds a figure if it is known.
   *
   * @param more what to say below it, of another value of the same unit
   */
  private void add(String name, String path, String unit, String more, String morePath) {
    JsonNode value = result.at(path);
    if (value.isMissingNode()) {
      return;
    }
    text.append("<div><span>").append(name).append("</span><strong>");
    text.append(Svg.esc(Numbers.format(value, unit))).append("</strong><small>");
    JsonNode second = morePath.isEmpty() ? value : result.at(morePath);
    if (!second.isMissingNode()) {
      text.append(Svg.esc(more.formatted(Numbers.format(second, unit))));
    }
    text.append("</small></div>\n");
  }
}
