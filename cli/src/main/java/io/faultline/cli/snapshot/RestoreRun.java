package io.faultline.cli.snapshot;

import io.faultline.cli.dest.DestinationAdmission;
import io.faultline.cli.dest.ReservedHugePages;
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
import io.faultline.dest.IncomingVm;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.snapshot.file.WorkingSet;
import io.faultline.snapshot.file.WorkingSetFile;
import io.faultline.source.snapshot.SavedVm;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
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
    if (settings.standby()) {
      SnapshotRehearsal.tryRun(kernel, destination(false), settings.rehearsal(), output::message);
    }
    ObjectNode result;
    List<VcpuFaults> faults;
    OptionalLong ran;
    try (WorkloadWatch workload = new WorkloadWatch(vm)) {
      try (RestoreNode node =
          new RestoreNode(
              kernel,
              vm,
              workload::start,
              destination(settings.standby()),
              metrics.registry(),
              output::remark,
              output::message)) {
        if (settings.standby()) {
          Standby.await(output);
        }
        result = restore(node, vm);
        ran = node.firstInstructionNanos();
        faults = vm.vm().map(HostedVm::faults).orElse(List.of());
      }
      if (vm.vm().isPresent()) {
        end(vm.vm().get(), faults, workload, result);
        RestoreResult.putWorkload(result, ran, workload.endedNanos());
      }
    }
    return result;
  }

  private void end(HostedVm vm, List<VcpuFaults> faults, WorkloadWatch workload, ObjectNode result)
      throws InterruptedException {
    if (result.path("status").asString("").equals("completed")) {
      Runnable beforeClosing =
          () -> {
            workload.close();
            vmMeters.retain();
          };
      ArrivedVm.verify(kernel, vm, faults, settings.runOn(), output::remark, beforeClosing, result);
    } else {
      VmResult.add(result, vm, faults);
      vmMeters.retain();
    }
  }

  /**
   * @param measured whether the memory of this process is measured now, and not on admission
   */
  private DestinationSettings destination(boolean measured) throws IOException {
    Path directory = StateDirectory.of(null);
    return DestinationSettings.DEFAULT.withAdmission(
        measured
            ? DestinationAdmission.measured(directory, settings.overcommit(), output::message)
            : DestinationAdmission.of(directory, settings.overcommit(), output::message));
  }

  /** Restores the guest of a QEMU; returns when all of its memory is there, or cannot come. */
  ObjectNode restoreTo(IncomingVm vm) throws IOException, InterruptedException {
    DestinationSettings destination = destination(settings.standby());
    try (RestoreNode node =
        new RestoreNode(
            kernel,
            vm,
            () -> {},
            destination.withAdmission(new ReservedHugePages(destination.admission())),
            metrics.registry(),
            output::remark,
            output::message)) {
      if (settings.standby()) {
        Standby.await(output);
      }
      return restore(node, null);
    }
  }

  /**
   * @param vm what may be saved meanwhile; null if that is not possible
   */
  private ObjectNode restore(RestoreNode node, @Nullable AnyIncomingVm vm) throws IOException {
    long openedNanos = System.nanoTime();
    try (SnapshotFile file = SnapshotFile.open(settings.file())) {
      WorkingSetFile setFile = settings.workingSet() ? WorkingSetFile.of(file) : null;
      WorkingSet set = setFile == null ? null : setFile.read(output::remark);
      RestoreSnapshot snapshot = snapshot(file, vm);
      if (snapshot != null) {
        snapshot.check();
      }
      IncomingReport report;
      try (SavedVm saved = new SavedVm(kernel, file, set)) {
        report = node.restore(saved, set != null && set.isEmpty(), snapshot);
      }
      ObjectNode result = DestResult.of(report, kernel.name());
      result.put("snapshot", file.id().toString());
      node.firstInstructionNanos()
          .ifPresent(ran -> RestoreResult.putFirstInstruction(result, openedNanos, ran));
      RestoreResult.putWorkingSet(result, set, node.needed());
      if (setFile != null && report.state() == IncomingState.COMPLETED) {
        setFile.record(node.needed().pages(), output::remark);
      }
      if (snapshot != null) {
        snapshot.put(result);
      }
      return result;
    }
  }

  private @Nullable RestoreSnapshot snapshot(SnapshotFile file, @Nullable AnyIncomingVm vm) {
    Path to = settings.snapshot();
    return to == null || vm == null
        ? null
        : new RestoreSnapshot(kernel, to, settings.snapshotAt(), file, vm::vm);
  }

  private int finish(ObjectNode result, ResultOutput results) {
    results.write(OutputOptions.JSON, () -> ResultFile.text(result));
    boolean good = Results.isGood(result) && !result.hasNonNull("error");
    if (!good) {
      output.message(result.path("error").asString("the VM could not be restored"));
    } else if (!output.isQuiet()) {
      RestoreResult.print(result, output);
    }
    return metrics.ended(results.exitCode(good ? ExitCode.OK : ExitCode.SOFTWARE));
  }
}
