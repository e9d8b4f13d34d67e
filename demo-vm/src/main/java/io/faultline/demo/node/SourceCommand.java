package io.faultline.demo.node;

import io.faultline.demo.metrics.Metrics;
import io.faultline.demo.options.HostPort;
import io.faultline.demo.report.ProgressView;
import io.faultline.demo.report.ResultFile;
import io.faultline.demo.report.SourceResult;
import io.faultline.demo.report.Summary;
import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.demo.simulated.SimulatedSource;
import io.faultline.demo.simulated.SimulatedVm;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.terminal.Terminal;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** {@code faultline source}: runs a VM and migrates it away. */
@Command(
    name = "source",
    description = {"Runs a VM and migrates it to a destination, postcopy."},
    footer = {"", "Exit codes: 0 migrated, 1 failed, 2 wrong use."})
public final class SourceCommand implements Callable<Integer> {
  private static final long PROGRESS_MILLIS = 50;
  private static final Duration PROOF_OF_LIFE = Duration.ofMillis(500);

  /** A VM that was told how many operations to do does them, however long that takes. */
  private static final Duration UNTIL_DONE = Duration.ofDays(365);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private VmOptions vmOptions = new VmOptions();
  @Mixin private NodeOptions node = new NodeOptions();

  @Option(
      names = "--to",
      paramLabel = "HOST:PORT",
      required = true,
      description = "Where the destination listens.")
  private HostPort to = new HostPort("", 0);

  @Option(
      names = "--warm-up",
      paramLabel = "TIME",
      defaultValue = "300ms",
      description = "How long the VM runs before it is migrated (default: ${DEFAULT-VALUE}).")
  private Duration warmUp = Duration.ZERO;

  @Option(names = "--progress", hidden = true, description = "Show progress in spite of --quiet.")
  private boolean progress;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Kernel kernel = new LinuxKernel();
    SimulatedVmConfig config = vmOptions.config(kernel, 1);
    SourceSettings settings = new SourceSettings(to.resolve());
    try (Metrics metrics = node.openMetrics();
        SimulatedVm vm = SimulatedVm.create(kernel, config)) {
      vm.start();
      Thread.sleep(warmUp);
      OutgoingReport report = migrate(vm, settings, metrics);
      ObjectNode result = SourceResult.of(report);
      if (!report.committed()) {
        goOn(kernel, vm, result);
      }
      return finish(result, report);
    }
  }

  private OutgoingReport migrate(SimulatedVm vm, SourceSettings settings, Metrics metrics)
      throws InterruptedException {
    try (MigrationSource source =
        new MigrationSource(new SimulatedSource(vm), settings, metrics.registry())) {
      CompletableFuture<OutgoingReport> result = source.start();
      if (node.quiet && !progress) {
        return result.join();
      }
      try (ProgressView view = new ProgressView(source::progress, vm.ram().sizeBytes())) {
        while (!ended(result)) {
          view.update();
        }
      }
      return result.join();
    }
  }

  private static boolean ended(CompletableFuture<OutgoingReport> result)
      throws InterruptedException {
    try {
      result.get(PROGRESS_MILLIS, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the migration broke", e);
    }
  }

  /** The migration failed before the commit point: the VM goes on here, and shows it. */
  private void goOn(Kernel kernel, SimulatedVm vm, ObjectNode result) throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    err.println("faultline: " + result.path("error").asString("") + "; the VM goes on here");
    err.flush();
    long[] before = vm.opsDone();
    boolean limited = vm.config().opsPerVcpu() > 0;
    boolean finished = vm.awaitFinished(limited ? UNTIL_DONE : PROOF_OF_LIFE);
    long more = Arrays.stream(vm.opsDone()).sum() - Arrays.stream(before).sum();
    result.put("operations_after_failure", more);
    if (finished) {
      boolean equal = ReferenceRun.run(kernel, vm.config(), vm.opsDone()).equalTo(vm);
      result.put("verified", equal);
      err.println("faultline: the VM finished here, " + (equal ? "verified" : "NOT VERIFIED"));
    } else {
      err.printf("faultline: it did %,d operations since%n", more);
    }
    err.flush();
  }

  private int finish(ObjectNode result, OutgoingReport report) throws IOException {
    if (node.json != null) {
      ResultFile.write(node.json, result);
    }
    boolean completed = report.state() == OutgoingState.COMPLETED;
    if (!completed && report.committed()) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "faultline: "
              + report.error()
              + "; the VM belongs to the destination since RUN was sent");
      err.flush();
    } else if (completed && !node.quiet) {
      new Summary(spec.commandLine().getOut(), Terminal.hasColours()).printSource(result);
    }
    return completed ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
