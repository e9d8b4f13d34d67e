package io.faultline.cli.demo;

import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.engine.Engines;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.mixin.VmOptions;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.output.ScratchDirectory;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.demo.simulated.PagedVm;
import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.paging.PagedRegion;
import io.faultline.paging.Pager;
import io.faultline.paging.PagerOptions;
import io.faultline.paging.PagerStats;
import io.faultline.paging.PagingException;
import io.faultline.paging.store.FileStore;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    Kernel kernel = Engines.open(engine, output::message);
    SimulatedVmConfig asked = vmOptions.config(kernel, 1); // for the run that it is compared with
    SimulatedVmConfig config = asked.opsPerVcpu() == 0 ? asked.withOpsPerVcpu(USUAL_OPS) : asked;
    try (ResultOutput results = options.open(output::message, null);
        ScratchDirectory scratch = new ScratchDirectory("faultline-paging")) {
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
      result.put("vcpus", config.vcpus());
      result.put("workload", config.workload().toString());
      result.put("seed", config.seed());
      result.put("operations", config.opsPerVcpu() * config.vcpus());
      run(kernel, config, bufferBytes, scratch.directory(), result);
      return finish(result, results);
    }
  }

  private void run(
      Kernel kernel, SimulatedVmConfig config, long bufferBytes, Path scratch, ObjectNode result)
      throws IOException, InterruptedException {
    requireSpace(scratch, config.ramBytes());
    try (FileStore store = FileStore.open(scratch.resolve("ram"), config.ramBytes());
        Pager pager = Pager.open(kernel, PagerOptions.of(bufferBytes));
        PagedRegion ram = pager.map(store, config.ramBytes())) {
      ram.onError(error -> output.message(error.message()));
      PagedVm vm = new PagedVm(kernel, config, ram);
      long start = System.nanoTime();
      vm.fill();
      PagerStats before = pager.stats();
      long filled = System.nanoTime();
      vm.run();
      long ran = System.nanoTime();
      PagerStats after = pager.stats();
      result.put("fill_seconds", (filled - start) / SECOND);
      result.put("run_seconds", (ran - filled) / SECOND);
      put(result, before, after);
      output.remark("comparing it with a run that has all memory in RAM");
      ReferenceRun reference = ReferenceRun.run(kernel, config, vm.opsDone());
      result.put("verified", vm.isEqualTo(reference));
      result.put("most_used_bytes", pager.stats().mostUsedPages() * pageBytes(pager, bufferBytes));
      ram.abandon(); // nobody needs the file any more
    } catch (PagingException e) {
      result.put("verified", false);
      result.put("error", e.getMessage());
    }
  }

  private static long pageBytes(Pager pager, long bufferBytes) {
    return bufferBytes / pager.stats().bufferPages();
  }

  private static void requireSpace(Path directory, long bytes) throws IOException {
    long usable = Files.getFileStore(directory).getUsableSpace();
    if (usable < bytes) {
      throw new UsageException(
          String.format(
              Locale.ROOT,
              "--ram: %s has %.0f MiB left for a file of %.0f MiB; choose less memory",
              directory.getParent(),
              usable / MIB,
              bytes / MIB));
    }
  }

  /** What the pager did while the vCPUs ran. */
  private static void put(ObjectNode result, PagerStats before, PagerStats after) {
    long fills = after.fills() - before.fills();
    long rescued = after.rescued() - before.rescued();
    long operations = result.path("operations").asLong();
    result.put("fills", fills);
    result.put("rescues", rescued);
    result.put("hit_rate", 1 - (double) (fills + rescued) / operations);
    result.put("evicted_clean", after.evictedClean() - before.evictedClean());
    result.put("evicted_dirty", after.evictedDirty() - before.evictedDirty());
    long page = result.path("buffer_bytes").asLong() / after.bufferPages();
    result.put("bytes_in", (after.pagesRead() - before.pagesRead()) * page);
    result.put("bytes_out", (after.pagesWritten() - before.pagesWritten()) * page);
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
