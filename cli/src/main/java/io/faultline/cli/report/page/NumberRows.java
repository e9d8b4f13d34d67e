package io.faultline.cli.report.page;

import java.util.List;

/** The rows of the tables with the numbers: which keys of the JSON result, by which names. */
final class NumberRows {
  private NumberRows() {}

  /** Rows with a heading. */
  record Table(String title, List<Row> rows) {}

  /**
   * A row.
   *
   * @param path of the value in the result, as a JSON pointer
   * @param unit as for {@link Numbers#format}
   */
  record Row(String label, String path, String unit) {}

  static final List<Table> TABLES =
      List.of(
          new Table(
              "Migration",
              List.of(
                  new Row("status", "/status", ""),
                  new Row("error", "/error", ""),
                  new Row("verified", "/verified", ""),
                  new Row("mode", "/mode", ""),
                  new Row("placement", "/placement", ""),
                  new Row("engine", "/engine", ""),
                  new Row("bulk connections", "/channels", ""),
                  new Row("recoveries", "/recoveries", ""),
                  new Row("paused, source", "/paused_ms/source", "ms"),
                  new Row("paused, destination", "/paused_ms/destination", "ms"))),
          new Table(
              "VM",
              List.of(
                  new Row("kind", "/vm", ""),
                  new Row("RAM", "/ram_bytes", "bytes"),
                  new Row("backing", "/backing", ""),
                  new Row("page of the backing", "/page_size", "bytes"),
                  new Row("vCPUs", "/vcpus", ""),
                  new Row("workload", "/workload", ""),
                  new Row("part of writes", "/write_fraction", ""),
                  new Row("pace (operations/s; 0: none)", "/pace", ""),
                  new Row("seed", "/seed", "plain"))),
          new Table(
              "Time",
              List.of(
                  new Row("total", "/total_ms", "ms"),
                  new Row("set-up", "/setup_ms", "ms"),
                  new Row("precopy", "/precopy_ms", "ms"),
                  new Row("precopy rounds", "/precopy_rounds", ""),
                  new Row("postcopy", "/postcopy_ms", "ms"),
                  new Row("guest's pause", "/guest_pause_ms", "ms"))),
          new Table(
              "Downtime",
              List.of(
                  new Row("downtime", "/downtime_ms", "ms"),
                  new Row("at most this wrong", "/downtime_error_ms", "ms"),
                  new Row("pause", "/downtime_parts_ms/pause", "ms"),
                  new Row("last sync", "/downtime_parts_ms/last_sync", "ms"),
                  new Row("last round", "/downtime_parts_ms/last_round", "ms"),
                  new Row("save state", "/downtime_parts_ms/device_state", "ms"),
                  new Row("transfer", "/downtime_parts_ms/transfer", "ms"),
                  new Row("load state", "/downtime_parts_ms/load", "ms"),
                  new Row("start", "/downtime_parts_ms/start", "ms"),
                  new Row("discard (overlaps)", "/discard_ms", "ms"))),
          new Table(
              "Pages",
              List.of(
                  new Row("total", "/pages/total", ""),
                  new Row("page", "/pages/page_bytes", "bytes"),
                  new Row("precopy", "/pages/precopy", ""),
                  new Row("current at the switchover", "/pages/current", ""),
                  new Row("background", "/pages/background", ""),
                  new Row("urgent, with prefetched", "/pages/urgent", ""),
                  new Row("prefetched", "/pages/prefetched", ""),
                  new Row("zero", "/pages/zero", ""),
                  new Row("sent again", "/pages/resent", ""),
                  new Row("placed", "/pages/placed", ""),
                  new Row("present when placed", "/pages/present", ""))),
          new Table(
              "Faults",
              List.of(
                  new Row("read", "/faults", ""),
                  new Row("resolved locally", "/faults_local", ""),
                  new Row("requests received", "/requests/received", ""),
                  new Row("requests, duplicate", "/requests/duplicate", ""),
                  new Row("requests, current", "/requests/current", ""),
                  new Row("latency p50", "/fault_latency_us/p50", "us"),
                  new Row("p90", "/fault_latency_us/p90", "us"),
                  new Row("p99", "/fault_latency_us/p99", "us"),
                  new Row("p99.9", "/fault_latency_us/p999", "us"),
                  new Row("max", "/fault_latency_us/max", "us"),
                  new Row("mean", "/fault_latency_us/mean", "us"),
                  new Row("blocked, all vCPUs", "/blocktime_ms/total", "ms"),
                  new Row("blocked, by vCPU", "/blocktime_ms/per_vcpu", "ms"))),
          new Table(
              "Paging at the source",
              List.of(
                  new Row("buffer", "/paging/buffer_bytes", "bytes"),
                  new Row("most of it in use", "/paging/most_used_bytes", "bytes"),
                  new Row("hit rate", "/paging/hit_rate", "share"),
                  new Row("fills", "/paging/fills", ""),
                  new Row("rescues", "/paging/rescues", ""),
                  new Row("evicted, clean", "/paging/evicted_clean", ""),
                  new Row("evicted, dirty", "/paging/evicted_dirty", ""),
                  new Row("read from the store", "/paging/bytes_in", "bytes"),
                  new Row("written to the store", "/paging/bytes_out", "bytes"),
                  new Row("pages sent from the store", "/paging/pages_from_store", ""))),
          new Table(
              "Network",
              List.of(
                  new Row("sent", "/bytes_sent", "bytes"),
                  new Row("throughput", "/throughput_mib_s", "MiB/s"),
                  new Row("bulk connections", "/channel_bytes", "bytes"),
                  new Row("compression", "/compression/mode", ""),
                  new Row("pages compressed", "/compression/pages", ""),
                  new Row("ratio", "/compression/ratio", ""),
                  new Row("saved", "/compression/bytes_saved", "bytes"),
                  new Row("CPU time of compression", "/compression/cpu_ms", "ms"))));
}
