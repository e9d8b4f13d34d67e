package io.faultline.cli.simulation.node;

import io.faultline.cli.simulation.bug.Bug;
import io.faultline.cli.simulation.guest.CheckedKernel;
import io.faultline.cli.simulation.guest.Guest;
import io.faultline.cli.simulation.plan.RunPlan;
import io.faultline.dest.DestinationSettings;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Polling;
import io.faultline.proto.security.Security;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A destination process: the production {@link MigrationDestination} over a checked kernel. */
public final class DestinationNode {
  private final SimulatedEnvironment environment;
  private final CheckedKernel kernel;
  private final DestinationVm vm;
  private String lastLoss = "";
  private final MigrationDestination migration;
  private @Nullable IncomingReport report;

  public DestinationNode(SimulatedEnvironment environment, Guest guest, RunPlan plan, Bug bug) {
    this.environment = environment;
    kernel = new CheckedKernel(new SimulatedKernel(), guest, bug != Bug.NOBODY_IS_WOKEN);
    vm =
        new DestinationVm(
            guest, environment.process(), kernel, plan.backing(), 2 * plan.operations());
    migration =
        new MigrationDestination(
            kernel,
            vm,
            new CompositeMeterRegistry(),
            this::print,
            new DestinationSettings(Polling.BLOCK, plan.timeouts(), Security.INSECURE),
            environment);
  }

  private void print(String line) {
    if (line.startsWith("paused")) {
      lastLoss = line;
    }
    environment.process().simulator().trace(environment.process().name(), () -> line);
  }

  /** Why the connections were lost the last time, human-readable; empty if they never were. */
  public String lastLoss() {
    return lastLoss;
  }

  public SimulatedEnvironment environment() {
    return environment;
  }

  public List<MemoryRegion> regions() {
    return vm.regions();
  }

  public void start() {
    migration.result().thenAccept(this::ended);
    environment.loop("accept").runNow(this::listen);
  }

  private void listen() {
    try {
      migration.listen(RunPlan.ADDRESS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void ended(IncomingReport ended) {
    report = ended;
    environment
        .process()
        .simulator()
        .trace(
            environment.process().name(),
            () -> "ends: " + ended.state() + (ended.error() == null ? "" : ", " + ended.error()));
  }

  /** The report of the migration; null until it has ended. */
  public @Nullable IncomingReport report() {
    return report;
  }

  /** Whether the kernel has no memory for another page. */
  public void setMemoryShort(boolean isShort) {
    kernel.simulated().setMemoryShort(isShort);
  }

  public IncomingState state() {
    return migration.state();
  }

  /** Releases everything that the process holds, as the kernel does when it ends. */
  public void dispose() {
    environment.closeAll();
    environment.loop("faults").runNow(migration::close);
    vm.regions().forEach(MemoryRegion::close);
  }
}
