package io.faultline.cli.demo;

import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.engine.Engines;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.mixin.VmOptions;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.process.VmEnd;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.SnapshotResult;
import io.faultline.cli.report.SnapshotText;
import io.faultline.cli.report.VmResult;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.demo.vm.VmOutcome;
import io.faultline.snapshot.BackgroundSnapshot;
import io.faultline.snapshot.SnapshotReport;
import io.faultline.snapshot.file.DataEncoding;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.source.snapshot.SnapshotOfVm;
import io.faultline.source.snapshot.WireCodecs;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline demo --snapshot}: a VM that goes on while its memory is saved. */
final class SnapshotDemoRun {
  private static final double MIB = 1 << 20;

  /** For the JIT, before the snapshot; then without it. */
  private static final int WARM_UP_MILLIS = 500;

  private static final int GOING_ON_MILLIS = 200;

  private final VmOptions vmOptions;
  private final Path file;
  private final DataEncoding encoding;
  private final EngineChoice engine;
  private final CommandOutput output;

  SnapshotDemoRun(
      VmOptions vmOptions,
      Path file,
      DataEncoding encoding,
      EngineChoice engine,
      CommandOutput output) {
    this.vmOptions = vmOptions;
    this.file = file;
    this.encoding = encoding;
    this.engine = engine;
    this.output = output;
  }

  /** Runs the demo and returns the exit code. */
  int run(OutputOptions options) throws IOException, InterruptedException {
    Kernel kernel = Engines.open(engine, output::message);
    SimulatedVmConfig config = vmOptions.config(kernel, 1);
    try (ResultOutput results = options.open(output::message, null)) {
      ObjectNode result = ResultFile.newResult();
      result.put("status", "completed");
      result.put("engine", kernel.name());
      Optional<VmOutcome> outcome = run(kernel, config, result);
      if (outcome.isPresent()) { // the memory of the VM is free again
        output.remark("comparing the VM at its end with a run without a snapshot");
        Optional<String> problem = outcome.get().findProblem(kernel);
        VmResult.addVerified(result, problem, outcome.get().operations());
      }
      return finish(result, results);
    }
  }

  private Optional<VmOutcome> run(Kernel kernel, SimulatedVmConfig config, ObjectNode result)
      throws InterruptedException {
    try (HostedVm vm =
        VmFactory.create(vmOptions.kind(), kernel, config, output.guestConsole(false))) {
      vm.start();
      Thread.sleep(WARM_UP_MILLIS);
      output.remark(
          String.format(
              Locale.ROOT,
              "taking a snapshot of a running %s VM of %.0f MiB, seed %d",
              vm.kind(),
              config.ramBytes() / MIB,
              config.seed()));
      take(kernel, vm, result);
      List<VcpuFaults> faults = vm.faults();
      Thread.sleep(GOING_ON_MILLIS);
      end(vm, config);
      VmResult.add(result, vm, faults);
      return Optional.of(vm.outcome());
    } catch (IllegalStateException e) { // of a vCPU
      VmResult.addVerified(result, Optional.of(String.valueOf(e.getMessage())));
      return Optional.empty();
    }
  }

  private void take(Kernel kernel, HostedVm vm, ObjectNode result) {
    try {
      SnapshotOfVm subject = new SnapshotOfVm(vm.outgoing(true));
      SnapshotReport report =
          new BackgroundSnapshot(kernel, subject, file)
              .compressed(encoding, new WireCodecs())
              .take();
      SnapshotResult.put(result, file, report);
    } catch (SnapshotException | SystemCallException e) {
      result.put("status", "failed");
      result.put("error", e.getMessage());
    }
  }

  private void end(HostedVm vm, SimulatedVmConfig config) throws InterruptedException {
    if (config.opsPerVcpu() == 0) {
      vm.stopBetweenOperations();
    } else {
      VmEnd.await(vm, output::remark);
    }
  }

  private int finish(ObjectNode result, ResultOutput results) {
    results.write(OutputOptions.JSON, () -> ResultFile.text(result));
    if (!output.isQuiet()) {
      print(result);
    }
    if (result.has("error")) {
      output.message(result.path("error").asString(""));
    }
    boolean good = !result.has("error") && result.path("verified").asBoolean(false);
    return results.exitCode(good ? ExitCode.OK : ExitCode.SOFTWARE);
  }

  private void print(ObjectNode result) {
    line("VM at its end", result.path("verified").asBoolean(false) ? "verified" : "NOT verified");
    JsonNode snapshot = result.path("snapshot");
    if (snapshot.isMissingNode()) {
      return;
    }
    SnapshotText.print(snapshot, output::print);
    double blocked = result.path("blocktime_ms").path("total").asDouble(0);
    line("blocked", String.format(Locale.ROOT, "%.1f ms, all vCPUs", blocked));
  }

  private void line(String label, String text) {
    output.print(SnapshotText.line(label, text));
  }
}
