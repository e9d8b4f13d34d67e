package io.faultline.cli.snapshot;

import io.faultline.cli.dest.DestinationAdmission;
import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.metrics.VmMeters;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.process.ArrivedVm;
import io.faultline.cli.report.DestResult;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.Results;
import io.faultline.cli.report.VmResult;
import io.faultline.cli.status.StateDirectory;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.vm.AnyIncomingVm;
import io.faultline.demo.vm.HostedVm;
import io.faultline.dest.DestinationSettings;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.snapshot.file.WorkingSet;
import io.faultline.snapshot.file.WorkingSetFile;
import io.faultline.source.snapshot.SavedVm;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline restore}: restores a VM, and verifies it at its end. */
final class RestoreRun {
  private final Kernel kernel;
  private final RestoreSettings settings;
  private final CommandOutput output;
  private final Metrics metrics;
  private final VmMeters vmMeters = new VmMeters();

  RestoreRun(Kernel kernel, RestoreSettings settings, CommandOutput output, Metrics metrics) {
    this.kernel = kernel;
    this.settings = settings;
    this.output = output;
    this.metrics = metrics;
  }

  /** Restores the VM, verifies it, and returns the exit code. */
  int run(ResultOutput results) throws IOException, InterruptedException {
    metrics.add(vmMeters);
    try (AnyIncomingVm vm =
        AnyIncomingVm.withoutRehearsal(
            kernel, settings.backing(), output.guestConsole(!output.isQuiet()))) {
      vmMeters.follow(vm::vm);
      return finish(restore(vm), results);
    } catch (SnapshotException e) {
      output.message(String.valueOf(e.getMessage()));
      return ExitCode.SOFTWARE;
    }
  }

  private ObjectNode restore(AnyIncomingVm vm) throws IOException, InterruptedException {
    ObjectNode result;
    List<VcpuFaults> faults;
    DestinationSettings destination = destination();
    try (RestoreNode node =
        new RestoreNode(
            kernel, vm, destination, metrics.registry(), output::remark, output::message)) {
      if (settings.standby()) {
        Standby.await(kernel, destination, settings.rehearsal(), output);
      }
      result = restore(node);
      faults = vm.vm().map(HostedVm::faults).orElse(List.of());
    }
    if (vm.vm().isPresent()) {
      HostedVm hosted = vm.vm().get();
      if (result.path("status").asString("").equals("completed")) {
        ArrivedVm.verify(
            kernel, hosted, faults, settings.runOn(), output::remark, vmMeters::retain, result);
      } else {
        VmResult.add(result, hosted, faults);
      }
    }
    vmMeters.retain();
    return result;
  }

  private DestinationSettings destination() throws IOException {
    return DestinationSettings.DEFAULT.withAdmission(
        DestinationAdmission.of(StateDirectory.of(null), settings.overcommit(), output::message));
  }

  private ObjectNode restore(RestoreNode node) throws IOException {
    long openedNanos = System.nanoTime();
    try (SnapshotFile file = SnapshotFile.open(settings.file())) {
      WorkingSetFile setFile = settings.workingSet() ? WorkingSetFile.of(file) : null;
      WorkingSet set = setFile == null ? null : setFile.read(output::remark);
      IncomingReport report;
      try (SavedVm saved = new SavedVm(kernel, file, set)) {
        report = node.restore(saved);
      }
      ObjectNode result = DestResult.of(report, kernel.name());
      result.put("snapshot", file.id().toString());
      node.firstInstructionNanos()
          .ifPresent(ran -> RestoreResult.putFirstInstruction(result, openedNanos, ran));
      RestoreResult.putWorkingSet(result, set, node.needed());
      if (setFile != null && report.state() == IncomingState.COMPLETED) {
        setFile.record(node.needed().pages(), output::remark);
      }
      return result;
    }
  }

  private int finish(ObjectNode result, ResultOutput results) {
    results.write(OutputOptions.JSON, () -> ResultFile.text(result));
    boolean good = Results.isGood(result);
    if (!good) {
      output.message(result.path("error").asString("the VM could not be restored"));
    } else if (!output.isQuiet()) {
      RestoreResult.print(result, output);
    }
    return metrics.ended(results.exitCode(good ? ExitCode.OK : ExitCode.SOFTWARE));
  }
}
