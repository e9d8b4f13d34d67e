package io.faultline.demo.report;

import io.faultline.demo.simulated.SimulatedVm;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.memory.Placement;
import java.util.List;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the destination knows of a migration, as JSON. */
public final class DestResult {
  private static final double NANOS_PER_US = 1e3;

  private DestResult() {}

  /** The part that comes from the migration. */
  public static ObjectNode of(IncomingReport report, String engine) {
    ObjectNode json = ResultFile.newResult();
    json.put("status", report.state() == IncomingState.COMPLETED ? "completed" : "failed");
    if (report.error() != null) {
      json.put("error", report.error());
    }
    json.put("verified", false);
    if (!report.mode().isEmpty()) {
      json.put("mode", report.mode());
    }
    json.put("engine", engine);
    Placement placement = report.placement();
    if (placement != null) {
      json.put("placement", placement.toString());
    }
    json.put("faults", report.faults());
    json.put("faults_local", report.localFaults());
    SourceResult.putMs(json, "postcopy_ms", report.postcopyNanos());
    ObjectNode pages = json.putObject("pages");
    pages.put("total", report.totalPages());
    pages.put("page_bytes", report.basePageBytes());
    pages.put("placed", report.placedPages());
    pages.put("present", report.presentPages());
    return json;
  }

  /**
   * Adds what the VM saw of it.
   *
   * @param faults as they were when the migration ended: later waits are not its doing
   */
  public static void addVm(ObjectNode json, SimulatedVm vm, List<VcpuFaults> faults) {
    SimulatedVmConfig config = vm.config();
    json.put("vm", "simulated");
    json.put("backing", vm.ram().backing().toString());
    json.put("page_size", vm.ram().pageBytes());
    json.put("ram_bytes", vm.ram().sizeBytes());
    json.put("vcpus", config.vcpus());
    json.put("workload", config.workload().toString());
    json.put("seed", config.seed());
    vm.guestPauseNanos().ifPresent(nanos -> SourceResult.putMs(json, "guest_pause_ms", nanos));
    addFaults(json, faults);
  }

  /** Adds the outcome of the comparison with a run that never migrated. */
  public static void addVerified(ObjectNode json, boolean equal, long[] operations) {
    json.put("verified", equal);
    ArrayNode ops = json.putArray("operations");
    for (long each : operations) {
      ops.add(each);
    }
    if (!equal) {
      json.put("status", "failed");
      json.put(
          "error", "the VM's memory or registers differ from those of a run without migration");
    }
  }

  private static void addFaults(ObjectNode json, List<VcpuFaults> faults) {
    Histogram latency = VcpuFaults.merged(faults).latencyNanos();
    if (latency.getTotalCount() > 0) {
      ObjectNode us = json.putObject("fault_latency_us");
      putUs(us, "p50", latency.getValueAtPercentile(50));
      putUs(us, "p90", latency.getValueAtPercentile(90));
      putUs(us, "p99", latency.getValueAtPercentile(99));
      putUs(us, "p999", latency.getValueAtPercentile(99.9));
      putUs(us, "max", latency.getMaxValue());
      putUs(us, "mean", Math.round(latency.getMean()));
    }
    ObjectNode blocktime = json.putObject("blocktime_ms");
    SourceResult.putMs(blocktime, "total", VcpuFaults.merged(faults).blockedNanos());
    ArrayNode perVcpu = blocktime.putArray("per_vcpu");
    for (VcpuFaults each : faults) {
      perVcpu.add(SourceResult.round(each.blockedNanos() / 1e6));
    }
  }

  private static void putUs(ObjectNode json, String key, long nanos) {
    json.put(key, SourceResult.round(nanos / NANOS_PER_US));
  }
}
