package io.faultline.cli.report;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.vm.HostedVm;
import io.faultline.memory.PageBitmap;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the VM saw of a migration, and whether it is sound, as JSON. */
public final class VmResult {
  private static final double NANOS_PER_US = 1e3;

  private VmResult() {}

  /**
   * Adds what the VM that arrived saw of it.
   *
   * @param faults as they were when the migration ended: later waits are not its doing
   */
  public static void add(ObjectNode json, HostedVm vm, List<VcpuFaults> faults) {
    SimulatedVmConfig config = vm.programs();
    json.put("vm", vm.kind().toString());
    json.put("backing", vm.ram().backing().toString());
    json.put("page_size", vm.ram().pageBytes());
    json.put("ram_bytes", vm.ram().sizeBytes());
    json.put("vcpus", config.vcpus());
    json.put("workload", config.workload().toString());
    json.put("seed", config.seed());
    json.put("write_fraction", config.writeFraction());
    json.put("pace", config.pace());
    vm.guestPauseNanos().ifPresent(nanos -> SourceResult.putMs(json, "guest_pause_ms", nanos));
    addConsole(json, "destination", vm);
    if (json.path("console").path("destination") instanceof ObjectNode lines) {
      lines.put("expected", vm.expectedTicks());
    }
    addFaults(json, faults);
  }

  /**
   * Adds which lines the guest wrote to its console at this end, if it has one.
   *
   * @param end source or destination
   */
  public static void addConsole(ObjectNode json, String end, HostedVm vm) {
    vm.console()
        .ifPresent(
            ticks -> {
              ObjectNode lines = json.putObject("console").putObject(end);
              lines.put("first", ticks.first());
              lines.put("last", ticks.last());
            });
  }

  /** Adds the outcome of the comparison with a run that never migrated. */
  public static void addVerified(ObjectNode json, Optional<String> problem, List<Long> operations) {
    json.put("verified", problem.isEmpty());
    ArrayNode ops = json.putArray("operations");
    for (Long each : operations) {
      ops.add(each);
    }
    problem.ifPresent(text -> fail(json, text));
  }

  /**
   * Adds what is known of a VM that went on without some of its pages.
   *
   * @param lost base pages, by region
   */
  public static void addLost(ObjectNode json, List<PageBitmap> lost) {
    json.withObject("/pages").put("lost", lost.stream().mapToLong(PageBitmap::count).sum());
  }

  /** Adds the outcome of comparing all but the lost pages with a run that never migrated. */
  public static void addRest(ObjectNode json, Optional<String> problem) {
    json.put("rest_verified", problem.isEmpty());
  }

  /**
   * Looks whether the console went on at the destination where it stopped at the source, and came
   * as far as the VM did; makes the result a failure where not.
   *
   * @param merged what both ends told
   */
  static void judgeConsole(ObjectNode merged) {
    if (!(merged.path("console") instanceof ObjectNode console)
        || !console.has("source")
        || !console.has("destination")) {
      return;
    }
    long before = console.path("source").path("last").asLong();
    JsonNode there = console.path("destination");
    long first = there.path("first").asLong();
    long last = first == 0 ? before : there.path("last").asLong();
    long expected = there.path("expected").asLong();
    boolean unbroken = (first == 0 || first == before + 1) && last == expected;
    console.put("unbroken", unbroken);
    if (!unbroken) {
      merged.put("verified", false);
      fail(
          merged,
          String.format(
              "the guest's console is broken: tick %d at the source, then ticks %d to %d at the"
                  + " destination, of %d",
              before, first, there.path("last").asLong(), expected));
    }
  }

  private static void fail(ObjectNode json, String error) {
    json.put("status", "failed");
    json.put("error", error);
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
