package io.faultline.cli.simulation;

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

/** A destination's process: the migration as it is in production, over a simulated kernel. */
final class DestinationNode {
  private final SimulatedHost host;
  private final DestinationVm vm;
  private final MigrationDestination migration;
  private @Nullable IncomingReport report;

  DestinationNode(SimulatedHost host, Guest guest, Plan plan, Bug bug) {
    this.host = host;
    CheckedKernel kernel =
        new CheckedKernel(new SimulatedKernel(), guest, bug != Bug.NOBODY_IS_WOKEN);
    vm = new DestinationVm(guest, host.process(), kernel, plan.backing(), 2 * plan.operations());
    migration =
        new MigrationDestination(
            kernel,
            vm,
            new CompositeMeterRegistry(),
            line -> host.process().world().tell(host.process().name(), () -> line),
            new DestinationSettings(Polling.BLOCK, plan.timeouts(), Security.INSECURE),
            host);
  }

  SimulatedHost host() {
    return host;
  }

  List<MemoryRegion> regions() {
    return vm.regions();
  }

  void start() {
    migration.result().thenAccept(this::ended);
    host.loop("accept").runNow(this::listen);
  }

  private void listen() {
    try {
      migration.listen(Plan.ADDRESS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void ended(IncomingReport with) {
    report = with;
    host.process()
        .world()
        .tell(
            host.process().name(),
            () -> "ends: " + with.state() + (with.error() == null ? "" : ", " + with.error()));
  }

  /** How it ended; null before. */
  @Nullable IncomingReport report() {
    return report;
  }

  IncomingState state() {
    return migration.state();
  }

  /** What a system does for a process that is gone. */
  void dispose() {
    host.closeAll();
    host.loop("faults").runNow(migration::close);
    vm.regions().forEach(MemoryRegion::close);
  }
}
