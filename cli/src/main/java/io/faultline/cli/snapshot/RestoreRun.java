package io.faultline.cli.snapshot;

import io.faultline.cli.dest.DestinationAdmission;
import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.engine.Engines;
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
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.proto.Transport;
import io.faultline.proto.security.Security;
import io.faultline.proto.security.SharedKey;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.SourceSettings;
import io.faultline.source.snapshot.SavedVm;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One run of {@code faultline restore}: the two nodes of a postcopy migration in this process, of
 * which the source has the VM of the snapshot. They know each other by a key of this process, so
 * that nobody else can send a VM meanwhile.
 */
final class RestoreRun {
  private static final String FIRST_INSTRUCTION = "first_instruction_ms";
  private static final double MILLI = 1e6;

  private final EngineChoice engine;
  private final CommandOutput output;
  private final @Nullable Backing backing;
  private final boolean overcommit;
  private final Duration runOn;
  private final Security security = Security.token(SharedKey.random());

  /**
   * @param backing of guest memory; null for that of the snapshot
   * @param runOn how long a VM without a number of operations runs once its memory is there
   */
  RestoreRun(
      EngineChoice engine,
      CommandOutput output,
      @Nullable Backing backing,
      boolean overcommit,
      Duration runOn) {
    this.engine = engine;
    this.output = output;
    this.backing = backing;
    this.overcommit = overcommit;
    this.runOn = runOn;
  }

  /** Restores the VM, verifies it, and returns the exit code. */
  int run(Path path, @Nullable Path json) throws IOException, InterruptedException {
    long startNanos = System.nanoTime();
    Kernel kernel = Engines.open(engine, output::message);
    try (ResultOutput results = new ResultOutput(output::message, null);
        SnapshotFile file = SnapshotFile.open(path);
        SavedVm saved = new SavedVm(kernel, file);
        AnyIncomingVm vm =
            new AnyIncomingVm(kernel, null, backing, output.guestConsole(!output.isQuiet()))) {
      results.open(OutputOptions.JSON, json);
      ObjectNode result = restore(kernel, file, saved, vm, startNanos);
      return finish(result, results);
    } catch (SnapshotException e) {
      output.message(String.valueOf(e.getMessage()));
      return ExitCode.SOFTWARE;
    }
  }

  private ObjectNode restore(
      Kernel kernel, SnapshotFile file, SavedVm saved, AnyIncomingVm restored, long startNanos)
      throws IOException, InterruptedException {
    IncomingReport report;
    List<VcpuFaults> faults;
    FirstInstructionVm timed = new FirstInstructionVm(restored);
    try (MigrationDestination destination =
        new MigrationDestination(
            kernel,
            timed,
            new SimpleMeterRegistry(),
            output::remark,
            settings(),
            new Transport())) {
      InetSocketAddress here =
          destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      report = move(saved, here, destination);
      faults = restored.vm().map(HostedVm::faults).orElse(List.of());
    }
    ObjectNode result = DestResult.of(report, kernel.name());
    result.put("snapshot", file.id().toString());
    timed.ranNanos().ifPresent(ran -> result.put(FIRST_INSTRUCTION, (ran - startNanos) / MILLI));
    if (restored.vm().isPresent()) {
      HostedVm vm = restored.vm().get();
      if (report.state() == IncomingState.COMPLETED) {
        ArrivedVm.verify(kernel, vm, faults, runOn, output::remark, () -> {}, result);
      } else {
        VmResult.add(result, vm, faults);
      }
    }
    return result;
  }

  private DestinationSettings settings() throws IOException {
    return DestinationSettings.DEFAULT
        .withSecurity(security)
        .withAdmission(
            DestinationAdmission.of(StateDirectory.of(null), overcommit, output::message));
  }

  private IncomingReport move(
      SavedVm saved, InetSocketAddress to, MigrationDestination destination) {
    SourceSettings settings = new SourceSettings(to).withSecurity(security);
    try (MigrationSource source = new MigrationSource(saved, settings, new SimpleMeterRegistry())) {
      CompletableFuture<OutgoingReport> sent = source.start();
      sent.whenComplete((report, failure) -> endWithSource(report, failure, destination));
      IncomingReport report = destination.result().join();
      sent.join();
      return report;
    }
  }

  /** The destination waits for a source without a limit, so one that has failed ends it. */
  private void endWithSource(
      @Nullable OutgoingReport report,
      @Nullable Throwable failure,
      MigrationDestination destination) {
    if (report == null) {
      output.message("the snapshot could not be sent: " + failure);
      destination.close();
    } else if (!report.committed() && report.error() != null) {
      output.message(report.error());
      destination.close();
    }
  }

  private int finish(ObjectNode result, ResultOutput results) {
    results.write(OutputOptions.JSON, () -> ResultFile.text(result));
    boolean good = Results.isGood(result);
    if (!good) {
      output.message(result.path("error").asString("the VM could not be restored"));
    } else if (!output.isQuiet()) {
      print(result);
    }
    return results.exitCode(good ? ExitCode.OK : ExitCode.SOFTWARE);
  }

  private void print(ObjectNode result) {
    line("verified", "%s", "yes");
    line("first instruction", "%.1f ms", result.path(FIRST_INSTRUCTION).asDouble());
    line("all memory", "%.1f ms later", result.path("postcopy_ms").asDouble());
    line("demand faults", "%,d", result.path("faults").asLong());
  }

  private void line(String label, String format, Object value) {
    output.print(
        String.format(Locale.ROOT, "  %-18s %s", label, String.format(Locale.ROOT, format, value)));
  }
}
