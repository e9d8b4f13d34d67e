package io.faultline.tests.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.demo.simulated.SimulatedDestination;
import io.faultline.demo.simulated.SimulatedSource;
import io.faultline.demo.simulated.SimulatedVm;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.source.MigrationMode;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One migration of a small VM, both ends in this JVM.
 *
 * @param destinationBacking what memory is made of there; null for what it is at the source
 */
public record Migration(
    Kernel kernel, SimulatedVmConfig config, How how, @Nullable Backing destinationBacking) {
  private static final long LIMIT_SECONDS = 120;
  private static final int LATER_MILLIS = 50;

  /** What both ends said. */
  public record Reports(OutgoingReport out, IncomingReport in) {}

  /** Moves the VM while it runs, and compares its end with a run that never migrated. */
  public Reports run() throws Exception {
    try (SimulatedDestination incoming = new SimulatedDestination(kernel, destinationBacking)) {
      Reports reports;
      try (SimulatedVm vm = SimulatedVm.create(kernel, config)) {
        vm.start();
        reports = move(vm, incoming);
      }
      SimulatedVm moved = incoming.vm().orElseThrow();
      moved.pause();
      ReferenceRun reference = ReferenceRun.run(kernel, config, moved.opsDone());
      assertThat(reference.equalTo(moved)).as("%s is equal", this).isTrue();
      return reports;
    }
  }

  private Reports move(SimulatedVm vm, SimulatedDestination incoming) throws Exception {
    List<String> strangers = new CopyOnWriteArrayList<>();
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (MigrationDestination destination =
        new MigrationDestination(kernel, incoming, registry, strangers::add)) {
      InetSocketAddress address =
          destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SimulatedSource outgoing = new SimulatedSource(vm, how.ownDirtyLog());
      try (MigrationSource source =
          new MigrationSource(outgoing, how.settings(address), registry)) {
        CompletableFuture<OutgoingReport> ended = source.start();
        intervene(source, ended);
        OutgoingReport out = ended.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        IncomingReport in = destination.result().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(strangers).isEmpty();
        return checked(new Reports(out, in));
      }
    }
  }

  /** What a person may do meanwhile. */
  private void intervene(MigrationSource source, CompletableFuture<OutgoingReport> ended)
      throws InterruptedException {
    if (!how.switchNow().equals(How.NEVER)) {
      Thread.sleep(how.switchNow());
      source.switchOverNow();
    }
    if (how.bandwidth() != how.laterBandwidth() && !ended.isDone()) {
      Thread.sleep(LATER_MILLIS);
      source.setBandwidth(how.laterBandwidth());
    }
  }

  /** Both ends' accounts agree with each other, and every page is in them. */
  private Reports checked(Reports reports) {
    OutgoingReport out = reports.out();
    IncomingReport in = reports.in();
    assertThat(out.state()).as("%s", out).isEqualTo(OutgoingState.COMPLETED);
    assertThat(in.state()).as("%s", in).isEqualTo(IncomingState.COMPLETED);
    assertThat(in.placement()).isEqualTo(how.placement());
    assertThat(in.mode()).isEqualTo(how.mode().toString());
    long sent = out.urgentPages() + out.backgroundPages() + out.zeroPages();
    assertThat(in.placedPages()).as("%s, %s", out, in).isEqualTo(sent);
    assertThat(out.currentPages() + sent).as("%s", out).isEqualTo(out.totalPages());
    assertThat(in.totalPages()).isEqualTo(out.totalPages());
    assertThat(in.totalPages() * in.basePageBytes()).isEqualTo(config.ramBytes());
    boolean rounds = how.mode() != MigrationMode.POSTCOPY;
    assertThat(out.precopyRounds() > 0).as("rounds: %s", out).isEqualTo(rounds);
    assertThat(rounds || out.currentPages() == 0).as("%s", out).isTrue();
    assertThat(in.presentPages()).as("pages placed twice").isZero();
    return reports;
  }
}
