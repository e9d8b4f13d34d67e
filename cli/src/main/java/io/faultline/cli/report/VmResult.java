package io.faultline.cli.report;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.vm.HostedVm;
import io.faultline.memory.PageBitmap;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the VM observed of a migration, and whether it is intact, as JSON. */
public final class VmResult {
  private VmResult() {}

  /**
   * Adds what the VM observed at the destination.
   *
   * @param faults at the end of the migration, which does not cause later waits
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
    vm.guestPauseNanos().ifPresent(nanos -> JsonNumbers.putMs(json, "guest_pause_ms", nanos));
    addConsole(json, "destination", vm);
    if (json.path("console").path("destination") instanceof ObjectNode lines) {
      lines.put("expected", vm.expectedTicks());
    }
    addFaults(json, faults);
  }

  /**
   * Adds the lines that the guest wrote to its console on this side, if it has one.
   *
   * @param side source or destination
   */
  public static void addConsole(ObjectNode json, String side, HostedVm vm) {
    vm.console()
        .ifPresent(
            ticks -> {
              ObjectNode lines = json.putObject("console").putObject(side);
              lines.put("first", ticks.first());
              lines.put("last", ticks.last());
            });
  }

  /** Adds the result of the comparison with a run that never migrated. */
  public static void addVerified(ObjectNode json, Optional<String> problem, List<Long> operations) {
    ArrayNode ops = json.putArray("operations");
    for (Long each : operations) {
      ops.add(each);
    }
    addVerified(json, problem);
  }

  /** Adds whether the VM is as it should be; otherwise makes the result a failure. */
  public static void addVerified(ObjectNode json, Optional<String> problem) {
    json.put("verified", problem.isEmpty());
    problem.ifPresent(text -> fail(json, text));
  }

  /**
   * Adds how many pages a VM continued without.
   *
   * @param lost base pages, by region
   */
  public static void addLost(ObjectNode json, List<PageBitmap> lost) {
    json.withObject("/pages").put("lost", lost.stream().mapToLong(PageBitmap::count).sum());
  }

  /** Adds the result of comparing everything but the lost pages with a run that never migrated. */
  public static void addRest(ObjectNode json, Optional<String> problem) {
    json.put("rest_verified", problem.isEmpty());
  }

  /**
   * Checks that the console continued at the destination where it stopped at the source, and shows
   * all operations of the VM; otherwise makes the result a failure.
   *
   * @param merged the result of both nodes
   */
  static void checkConsole(ObjectNode merged) {
    if (!(merged.path("console") instanceof ObjectNode console)
        || !console.has("source")
        || !console.has("destination")) {
      return;
    }
    long before = console.path("source").path("last").asLong();
    JsonNode after = console.path("destination");
    long first = after.path("first").asLong();
    long last = first == 0 ? before : after.path("last").asLong();
    long expected = after.path("expected").asLong();
    boolean unbroken = (first == 0 || first == before + 1) && last == expected;
    console.put("unbroken", unbroken);
    if (!unbroken) {
      merged.put("verified", false);
      fail(
          merged,
          String.format(
              "the guest's console is broken: tick %d at the source, then ticks %d to %d at the"
                  + " destination, of %d",
              before, first, after.path("last").asLong(), expected));
    }
  }

  private static void fail(ObjectNode json, String error) {
    json.put("status", "failed");
    json.put("error", error);
  }

  /** Adds the longest gap between two operations that the guest measured, in nanoseconds. */
  public static void addGuestPause(ObjectNode json, long nanos) {
    JsonNumbers.putMs(json, "guest_pause_ms", nanos);
  }

  /** Adds the faults of each vCPU, as the guest measured them. */
  public static void addFaults(ObjectNode json, List<VcpuFaults> faults) {
    LatencyResult.put(json, VcpuFaults.merged(faults).latencyNanos());
    ObjectNode blocktime = json.putObject("blocktime_ms");
    JsonNumbers.putMs(blocktime, "total", VcpuFaults.merged(faults).blockedNanos());
    ArrayNode perVcpu = blocktime.putArray("per_vcpu");
    for (VcpuFaults each : faults) {
      perVcpu.add(JsonNumbers.millis(each.blockedNanos()));
    }
  }
}
