package io.faultline.tests.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.vm.AnyIncomingVm;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.demo.vm.VmKind;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.source.MigrationMode;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.OutgoingVm;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * One migration of a small VM, with both sides in this JVM.
 *
 * @param kind the kind of VM
 * @param destinationBacking the backing at the destination; null for that of the source
 */
public record Migration(
    VmKind kind,
    Kernel kernel,
    SimulatedVmConfig config,
    MigrationSetup setup,
    @Nullable Backing destinationBacking) {
  private static final long LIMIT_SECONDS = 120;
  private static final int BANDWIDTH_CHANGE_MILLIS = 50;

  /** The reports of both sides. */
  public record Reports(OutgoingReport out, IncomingReport in) {}

  /** A migration of a simulated VM. */
  public Migration(
      Kernel kernel,
      SimulatedVmConfig config,
      MigrationSetup setup,
      @Nullable Backing destinationBacking) {
    this(VmKind.SIMULATED, kernel, config, setup, destinationBacking);
  }

  /** Migrates the VM while it runs, and compares its end state with a run that never migrated. */
  public Reports run() throws Exception {
    List<String> consoleLines = new CopyOnWriteArrayList<>();
    try (AnyIncomingVm incoming =
        new AnyIncomingVm(kernel, kind, destinationBacking, consoleLines::add)) {
      Reports reports;
      try (HostedVm vm = VmFactory.create(kind, kernel, config, consoleLines::add)) {
        vm.start();
        reports = move(vm.outgoing(setup.ownDirtyLog()), incoming);
      }
      HostedVm moved = incoming.vm().orElseThrow();
      moved.stopBetweenOperations();
      assertThat(moved.outcome().findProblem(kernel)).as("problems of %s", this).isEmpty();
      List<String> expected =
          LongStream.rangeClosed(1, moved.expectedTicks()).mapToObj(n -> "tick " + n).toList();
      assertThat(consoleLines).as("console of %s", this).isEqualTo(expected);
      return reports;
    }
  }

  private Reports move(OutgoingVm outgoing, AnyIncomingVm incoming) throws Exception {
    List<String> log = new CopyOnWriteArrayList<>();
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (MigrationDestination destination =
        new MigrationDestination(kernel, incoming, registry, log::add)) {
      InetSocketAddress address =
          destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (MigrationSource source =
          new MigrationSource(outgoing, setup.settings(address), registry)) {
        CompletableFuture<OutgoingReport> ended = source.start();
        intervene(source, ended);
        OutgoingReport out = ended.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        IncomingReport in = destination.result().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(
                log) // a page of 1 GiB may take longer than the time after which a wait is reported
            .as("log of the destination")
            .allMatch(line -> line.startsWith("waiting for the source"));
        long bytes = outgoing.regions().stream().mapToLong(MemoryRegion::sizeBytes).sum();
        return check(new Reports(out, in), bytes);
      }
    }
  }

  /** Commands that a user may give during a migration. */
  private void intervene(MigrationSource source, CompletableFuture<OutgoingReport> ended)
      throws InterruptedException {
    if (!setup.switchNow().equals(MigrationSetup.NEVER)) {
      Thread.sleep(setup.switchNow());
      source.switchOverNow();
    }
    if (setup.bandwidth() != setup.laterBandwidth() && !ended.isDone()) {
      Thread.sleep(BANDWIDTH_CHANGE_MILLIS);
      source.setBandwidth(setup.laterBandwidth());
    }
  }

  /** Checks that the page counts of both sides agree and add up; returns the reports. */
  private Reports check(Reports reports, long memoryBytes) {
    OutgoingReport out = reports.out();
    IncomingReport in = reports.in();
    assertThat(out.state()).as("%s", out).isEqualTo(OutgoingState.COMPLETED);
    assertThat(in.state()).as("%s", in).isEqualTo(IncomingState.COMPLETED);
    assertThat(in.placement()).isEqualTo(setup.placement());
    assertThat(in.mode()).isEqualTo(setup.mode().toString());
    long sent = out.urgentPages() + out.backgroundPages() + out.zeroPages();
    assertThat(in.placedPages()).as("%s, %s", out, in).isEqualTo(sent);
    assertThat(out.currentPages() + sent).as("%s", out).isEqualTo(out.totalPages());
    assertThat(in.totalPages()).isEqualTo(out.totalPages());
    assertThat(in.totalPages() * in.basePageBytes()).isEqualTo(memoryBytes);
    boolean rounds = setup.mode() != MigrationMode.POSTCOPY;
    assertThat(out.precopyRounds() > 0).as("rounds: %s", out).isEqualTo(rounds);
    assertThat(rounds || out.currentPages() == 0).as("%s", out).isTrue();
    assertThat(in.presentPages()).as("pages placed twice").isZero();
    return reports;
  }
}
