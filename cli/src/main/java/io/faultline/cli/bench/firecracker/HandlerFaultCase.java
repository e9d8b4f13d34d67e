package io.faultline.cli.bench.firecracker;

import io.faultline.cli.bench.paging.MeasuredProcess;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * How long a thread waits for each page of a memory file in the page cache. The handler and the VM
 * have a CPU each.
 *
 * @param isPeer whether the handler is the one in C
 */
public record HandlerFaultCase(HandlerPrograms programs, boolean isPeer) implements BenchCase {
  private static final String NAME = "uffd-handler-fault";

  @Override
  public String name() {
    return isPeer ? "c-handler-fault" : NAME;
  }

  @Override
  public String counterpart() {
    return NAME;
  }

  @Override
  public ResultTable table() {
    return ResultTable.UFFD_HANDLER;
  }

  @Override
  public String title() {
    return (isPeer ? "C: mmap, poll, COPY" : "Faultline") + ", faults of one thread";
  }

  @Override
  public String command() {
    String handler = isPeer ? "handler-floor S M" : "./faultline uffd-handler --no-background ...";
    return handler + "; microvm S M anonymous current time 1 0 1";
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    try (RunningHandler handler = RunningHandler.start(programs, isPeer)) {
      List<String> vm = handler.vm("time", 1, 0, programs.seed() + round, true);
      JsonNode values = MeasuredProcess.run(vm, false, programs.directory()).values();
      return Map.of(
          Metric.FAULT_P50, values.path("p50_us").asDouble(),
          Metric.FAULT_P90, values.path("p90_us").asDouble(),
          Metric.FAULT_P99, values.path("p99_us").asDouble(),
          Metric.FAULTS, values.path("faults").asDouble(),
          Metric.CPU_TIME, handler.cpuSeconds());
    }
  }
}
