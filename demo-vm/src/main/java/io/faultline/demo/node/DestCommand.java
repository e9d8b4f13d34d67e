package io.faultline.demo.node;

import io.faultline.demo.metrics.Metrics;
import io.faultline.demo.options.HostPort;
import io.faultline.demo.report.DestResult;
import io.faultline.demo.report.ResultFile;
import io.faultline.demo.report.Results;
import io.faultline.demo.report.Summary;
import io.faultline.demo.simulated.MemoryDigest;
import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.demo.simulated.SimulatedDestination;
import io.faultline.demo.simulated.SimulatedVm;
import io.faultline.demo.simulated.VcpuDigest;
import io.faultline.demo.terminal.Terminal;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** {@code faultline dest}: takes one VM in, and compares its end with a run that never migrated. */
@Command(
    name = "dest",
    description = {"Waits for a VM, runs it while its memory follows, and verifies the end."},
    footer = {"", "Exit codes: 0 migrated and verified, 1 failed, 2 wrong use."})
public final class DestCommand implements Callable<Integer> {
  /** A VM that was told how many operations to do does them, however long that takes. */
  private static final Duration UNTIL_DONE = Duration.ofDays(365);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:4747",
      description = "Where to wait for the source (default: ${DEFAULT-VALUE}).")
  private HostPort listen = new HostPort("127.0.0.1", 4747);

  @Option(
      names = "--backing",
      paramLabel = "KIND",
      description = "What memory is made of (default: what it is made of at the source).")
  private @Nullable Backing backing;

  @Option(
      names = "--run-on",
      paramLabel = "TIME",
      defaultValue = "300ms",
      description =
          "How long a VM without --ops runs on after the migration (default: ${DEFAULT-VALUE}).")
  private Duration runOn = Duration.ZERO;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Kernel kernel = new LinuxKernel();
    try (Metrics metrics = node.openMetrics();
        SimulatedDestination vm = new SimulatedDestination(kernel, backing)) {
      ObjectNode result = receive(kernel, vm, metrics);
      return finish(result);
    }
  }

  private ObjectNode receive(Kernel kernel, SimulatedDestination incoming, Metrics metrics)
      throws IOException, InterruptedException {
    IncomingReport report;
    try (MigrationDestination destination =
        new MigrationDestination(kernel, incoming, metrics.registry(), this::say)) {
      InetSocketAddress address = destination.listen(listen.resolve());
      PrintWriter out = spec.commandLine().getOut();
      out.println("listening on " + HostPort.of(address));
      out.flush();
      report = destination.result().join();
    }
    ObjectNode result = DestResult.of(report, kernel.name());
    if (incoming.vm().isPresent()) {
      SimulatedVm vm = incoming.vm().get();
      if (report.state() == IncomingState.COMPLETED) {
        verify(kernel, vm, result);
      } else {
        DestResult.addVm(result, vm);
      }
    }
    return result;
  }

  /** Lets the VM come to its end, frees its memory, and runs it again without a migration. */
  private void verify(Kernel kernel, SimulatedVm vm, ObjectNode result)
      throws InterruptedException {
    if (vm.config().opsPerVcpu() > 0) {
      boolean finished = vm.awaitFinished(UNTIL_DONE);
      assert finished;
    } else {
      Thread.sleep(runOn);
      vm.pause();
    }
    DestResult.addVm(result, vm);
    long[] operations = vm.opsDone();
    MemoryDigest memory = vm.memoryDigest();
    VcpuDigest vcpus = vm.vcpuDigest();
    vm.close();
    if (!node.quiet) {
      say("verifying against a run without migration ...");
    }
    ReferenceRun reference = ReferenceRun.run(kernel, vm.config(), operations);
    boolean equal = reference.memory().equals(memory) && reference.vcpus().equals(vcpus);
    DestResult.addVerified(result, equal, operations);
  }

  private int finish(ObjectNode result) throws IOException {
    if (node.json != null) {
      ResultFile.write(node.json, result);
    }
    boolean good = Results.isGood(result);
    if (!good) {
      say(result.path("error").asString("the migration failed"));
    } else if (!node.quiet) {
      new Summary(spec.commandLine().getOut(), Terminal.hasColours()).print(result);
    }
    return good ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private void say(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("faultline: " + line);
    err.flush();
  }
}
