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
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline dest}. */
final class DestRun {
  /** A VM that was told how many operations to do does them, however long that takes. */
  private static final Duration UNTIL_DONE = Duration.ofDays(365);

  private final NodeOptions node;
  private final Console console;
  private final Duration runOn;

  /**
   * @param runOn how long a VM without a number of operations runs on after the migration
   */
  DestRun(NodeOptions node, Console console, Duration runOn) {
    this.node = node;
    this.console = console;
    this.runOn = runOn;
  }

  /** Returns the exit code. */
  int run(HostPort listen, @Nullable Backing backing) throws IOException, InterruptedException {
    Kernel kernel = new LinuxKernel();
    try (Metrics metrics = Metrics.open(node.metrics);
        SimulatedDestination vm = new SimulatedDestination(kernel, backing)) {
      return finish(receive(kernel, vm, metrics, listen));
    }
  }

  private ObjectNode receive(
      Kernel kernel, SimulatedDestination incoming, Metrics metrics, HostPort listen)
      throws IOException, InterruptedException {
    IncomingReport report;
    try (MigrationDestination destination =
        new MigrationDestination(kernel, incoming, metrics.registry(), console::say)) {
      InetSocketAddress address = destination.listen(listen.resolve());
      console.print("listening on " + HostPort.of(address));
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
      console.say("verifying against a run without migration ...");
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
      console.say(result.path("error").asString("the migration failed"));
    } else if (!node.quiet) {
      new Summary(console.out(), Terminal.hasColours()).print(result);
    }
    return good ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
