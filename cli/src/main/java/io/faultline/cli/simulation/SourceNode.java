package io.faultline.cli.simulation;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Polling;
import io.faultline.source.MigrationIdentity;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.ReconnectSettings;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The source's process: the VM's memory there, and the migration as it is in production. */
final class SourceNode {
  private final SimulatedHost host;
  private final SimulatedKernel kernel = new SimulatedKernel();
  private final List<MemoryRegion> regions = new ArrayList<>();
  private final MigrationSource migration;
  private @Nullable OutgoingReport report;

  SourceNode(SimulatedHost host, Guest guest, Plan plan) {
    this.host = host;
    for (int i = 0; i < plan.regionPages().size(); i++) {
      long bytes = plan.regionPages().get(i) * 4096L;
      regions.add(MemoryRegion.map(kernel, i, "region-" + i, plan.backing(), bytes));
    }
    guest.startAtSource(new Guest.Home(kernel, host.process(), regions), plan.operations());
    migration =
        new MigrationSource(
            new SourceVm(guest, regions),
            plan.settings(),
            new CompositeMeterRegistry(),
            Polling.BLOCK,
            new ReconnectSettings(List.of(), plan.timeouts()),
            MigrationIdentity.ofThisProcess(host.random()),
            host);
  }

  SimulatedHost host() {
    return host;
  }

  List<MemoryRegion> regions() {
    return regions;
  }

  void start() {
    migration.start().thenAccept(this::ended);
  }

  private void ended(OutgoingReport with) {
    report = with;
    host.process()
        .world()
        .tell(
            "source",
            () -> "ends: " + with.state() + (with.error() == null ? "" : ", " + with.error()));
  }

  void cancel() {
    migration.cancel();
  }

  /** How it ended; null before. */
  @Nullable OutgoingReport report() {
    return report;
  }

  /** Where it stands, for a person. */
  String standing() {
    return migration.progress().state() + " " + migration.progress().outage();
  }

  /** Whether the VM is the destination's, as this side sees it. */
  boolean isCommitted() {
    OutgoingReport ended = report;
    return ended == null ? migration.progress().state().isCommitted() : ended.committed();
  }

  /** What a system does for a process that is gone. */
  void dispose() {
    host.closeAll();
    host.loop("control").runNow(migration::close);
    regions.forEach(MemoryRegion::close);
  }
}
