package io.faultline.cli.simulation.node;

import io.faultline.cli.simulation.guest.Guest;
import io.faultline.cli.simulation.plan.RunPlan;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Polling;
import io.faultline.source.MigrationIdentity;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.ReconnectSettings;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The source process: guest memory and the production {@link MigrationSource}. */
public final class SourceNode {
  private final SimulatedEnvironment environment;
  private final SimulatedKernel kernel = new SimulatedKernel();
  private final List<MemoryRegion> regions = new ArrayList<>();
  private final MigrationSource migration;
  private @Nullable OutgoingReport report;

  public SourceNode(SimulatedEnvironment environment, Guest guest, RunPlan plan) {
    this.environment = environment;
    for (int i = 0; i < plan.regionPages().size(); i++) {
      long bytes = plan.regionPages().get(i) * 4096L;
      regions.add(MemoryRegion.map(kernel, i, "region-" + i, plan.backing(), bytes));
    }
    guest.startAtSource(new Guest.Side(kernel, environment.process(), regions), plan.operations());
    migration =
        new MigrationSource(
            new SourceVm(guest, regions),
            plan.settings(),
            new CompositeMeterRegistry(),
            Polling.BLOCK,
            new ReconnectSettings(List.of(), plan.timeouts()),
            MigrationIdentity.ofThisProcess(environment.random()),
            environment);
  }

  public SimulatedEnvironment environment() {
    return environment;
  }

  public List<MemoryRegion> regions() {
    return regions;
  }

  public void start() {
    migration.start().thenAccept(this::ended);
  }

  private void ended(OutgoingReport ended) {
    report = ended;
    environment
        .process()
        .simulator()
        .trace(
            "source",
            () -> "ends: " + ended.state() + (ended.error() == null ? "" : ", " + ended.error()));
  }

  public void cancel() {
    migration.cancel();
  }

  /** The report of the migration; null until it has ended. */
  public @Nullable OutgoingReport report() {
    return report;
  }

  public OutgoingState state() {
    return migration.progress().state();
  }

  /** The state of the migration, human-readable. */
  public String status() {
    return migration.progress().state() + " " + migration.progress().outage();
  }

  /** Whether the VM is the destination's, as this side sees it. */
  boolean isCommitted() {
    OutgoingReport ended = report;
    return ended == null ? migration.progress().state().isCommitted() : ended.committed();
  }

  /** Releases everything that the process holds, as the kernel does when it ends. */
  public void dispose() {
    environment.closeAll();
    environment.loop("control").runNow(migration::close);
    regions.forEach(MemoryRegion::close);
  }
}
