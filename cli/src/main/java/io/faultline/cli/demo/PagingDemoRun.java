package io.faultline.cli.demo;

import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.engine.Engines;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.mixin.PagingOptions;
import io.faultline.cli.mixin.VmOptions;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.report.PagingResult;
import io.faultline.cli.report.PagingView;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.demo.simulated.PagedRam;
import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.demo.simulated.SimulatedVm;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.paging.PagerStats;
import io.faultline.paging.PagingException;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One run of {@code faultline demo --paging}: a VM whose memory is in a file, of which a buffer is
 * in RAM, compared with one that has all of it in RAM.
 */
final class PagingDemoRun {
  private static final long USUAL_OPS = 200_000;
  private static final double MIB = 1 << 20;
  private static final double SECOND = 1e9;
  private static final Duration PROGRESS = Duration.ofMillis(50);
  private static final Duration NO_LIMIT = Duration.ofDays(365);

  private final VmOptions vmOptions;
  private final PagingOptions paging;
  private final EngineChoice engine;
  private final CommandOutput output;

  PagingDemoRun(
      VmOptions vmOptions, PagingOptions paging, EngineChoice engine, CommandOutput output) {
    this.vmOptions = vmOptions;
    this.paging = paging;
    this.engine = engine;
    this.output = output;
  }

  /** Runs the demo and returns the exit code. */
  int run(OutputOptions options) throws IOException, InterruptedException {
    long bufferBytes = paging.bufferBytes(vmOptions.ramBytes());
    String store = paging.requireStore();
    Kernel kernel = Engines.open(engine, output::message);
    SimulatedVmConfig asked = vmOptions.config(kernel, 1); // for the run that it is compared with
    SimulatedVmConfig config = asked.opsPerVcpu() == 0 ? asked.withOpsPerVcpu(USUAL_OPS) : asked;
    try (ResultOutput results = options.open(output::message, null)) {
      output.remark(
          String.format(
              Locale.ROOT,
              "paging a simulated VM of %.0f MiB through %.0f MiB, %d vCPUs, %s, seed %d",
              config.ramBytes() / MIB,
              bufferBytes / MIB,
              config.vcpus(),
              config.workload(),
              config.seed()));
      ObjectNode result = ResultFile.newResult();
      result.put("engine", kernel.name());
      result.put("ram_bytes", config.ramBytes());
      result.put("buffer_bytes", bufferBytes);
      result.put("store", store);
      result.put("vcpus", config.vcpus());
      result.put("workload", config.workload().toString());
      result.put("seed", config.seed());
      result.put("operations", config.opsPerVcpu() * config.vcpus());
      run(kernel, config, result);
      return finish(result, results);
    }
  }

  private void run(Kernel kernel, SimulatedVmConfig config, ObjectNode result)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    PagedRam ram = paging.createRam(kernel, config, output::message);
    try (SimulatedVm vm = SimulatedVm.paged(kernel, config, ram)) {
      long filled = System.nanoTime();
      vm.start();
      await(vm, ram, config.opsPerVcpu() * config.vcpus());
      long ran = System.nanoTime();
      PagerStats stats = ram.statsSinceFilled();
      result.put("fill_seconds", (filled - start) / SECOND);
      result.put("run_seconds", (ran - filled) / SECOND);
      long operations = result.path("operations").asLong();
      PagingResult.put(result, stats, ram.pageBytes(), operations);
      output.remark("comparing it with a run that has all memory in RAM");
      ReferenceRun reference = ReferenceRun.run(kernel, config, vm.opsDone());
      result.put(
          "verified",
          reference.vcpus().equals(vm.vcpuDigest())
              && reference.memory().equals(vm.memoryDigest()));
      result.put("most_used_bytes", ram.stats().mostUsedPages() * ram.pageBytes());
    } catch (PagingException | IllegalStateException e) { // also of a vCPU
      result.put("verified", false);
      result.put("error", e.getMessage());
    }
  }

  private void await(SimulatedVm vm, PagedRam ram, long operations) throws InterruptedException {
    if (output.isQuiet()) {
      vm.awaitFinished(NO_LIMIT);
      return;
    }
    try (PagingView view = new PagingView(operations)) {
      while (!vm.awaitFinished(PROGRESS)) {
        view.update(Arrays.stream(vm.opsDone()).sum(), ram.statsSinceFilled());
      }
      view.update(operations, ram.statsSinceFilled());
    }
  }

  private int finish(ObjectNode result, ResultOutput results) {
    results.write(OutputOptions.JSON, () -> ResultFile.text(result));
    boolean good = result.path("verified").asBoolean(false);
    if (!output.isQuiet()) {
      print(result);
    }
    if (!good) {
      output.message(result.path("error").asString("the VM differs from the one that has RAM"));
    }
    return results.exitCode(good ? ExitCode.OK : ExitCode.SOFTWARE);
  }

  private void print(ObjectNode result) {
    line("verified", "%s", result.path("verified").asBoolean(false) ? "yes" : "NO");
    line("filled in", "%.1f s", result.path("fill_seconds").asDouble(0));
    line("ran for", "%.1f s", result.path("run_seconds").asDouble(0));
    line("hit rate", "%.1f %%", 100 * result.path("hit_rate").asDouble(0));
    line("fills", "%,d", result.path("fills").asLong(0));
    line("rescues", "%,d", result.path("rescues").asLong(0));
    line("evicted clean", "%,d pages", result.path("evicted_clean").asLong(0));
    line("evicted dirty", "%,d pages", result.path("evicted_dirty").asLong(0));
    line("read", "%,.1f MiB", result.path("bytes_in").asLong(0) / MIB);
    line("written", "%,.1f MiB", result.path("bytes_out").asLong(0) / MIB);
    line("in RAM at most", "%,.1f MiB", result.path("most_used_bytes").asLong(0) / MIB);
  }

  private void line(String label, String format, Object value) {
    output.print(
        String.format(Locale.ROOT, "  %-15s %s", label, String.format(Locale.ROOT, format, value)));
  }
}
