package io.faultline.tests.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.dest.IncomingReport;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Placement;
import io.faultline.source.MigrationMode;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import io.faultline.tests.tags.RunsAlone;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A fault on a 2 MiB page with three stale 4 KiB pages transfers 12 KiB, not 2 MiB. */
class StalePartsFaultTest {
  private static final long BASE_BYTES = 4096;
  private static final int PARTS = 512;
  private static final int HUGE_PAGES = 4;
  private static final long LIMIT_SECONDS = 60;

  /** Upper bound for the headers of the reply. */
  private static final long HEADERS_BYTES = 256;

  /** The first and last part of huge page 2, and one in between. */
  private static final long[] WRITTEN = {2 * PARTS, 2 * PARTS + 77, 3 * PARTS - 1};

  @RunsAlone
  @Test
  void faultOnHugePageTransfersItsThreeStaleParts() throws Exception {
    Kernel kernel = MigrationHost.kernel();
    try (HugePageLoan _ = MigrationHost.hugePages(kernel, PageSize.HUGE_2M, 2 * HUGE_PAGES)) {
      assertTransfers(kernel, Placement.CONTINUE, WRITTEN.length);
    }
  }

  /** The same on machines without huge pages. */
  @Test
  void faultTransfersThreeStalePartsOnTheSimulatedKernel() throws Exception {
    assertTransfers(new SimulatedKernel(), Placement.CONTINUE, WRITTEN.length);
  }

  /** The cost with placement copy, for comparison. */
  @Test
  void faultOnCopiedHugePageTransfersTheWholePage() throws Exception {
    assertTransfers(new SimulatedKernel(), Placement.COPY, PARTS);
  }

  /** The guest first touches one of the three stale parts of a huge page. */
  private static void assertTransfers(Kernel kernel, Placement placement, long parts)
      throws Exception {
    try (VmWritingAtPause vm = new VmWritingAtPause(kernel, HUGE_PAGES, WRITTEN);
        VmTouchingAtStart guest = new VmTouchingAtStart(kernel, WRITTEN)) {
      SimpleMeterRegistry registry = new SimpleMeterRegistry();
      vm.countBytes(registry);
      guest.countBytes(registry);
      OutgoingReport out = migrate(kernel, vm, guest, placement, registry);
      assertThat(out.state()).as("%s", out).isEqualTo(OutgoingState.COMPLETED);
      assertThat(out.precopyPages()).isEqualTo(HUGE_PAGES * (long) PARTS);
      assertThat(out.totalPages() - out.currentPages()).isEqualTo(parts);
      assertThat(out.urgentPages()).as("%s", out).isEqualTo(parts);
      assertThat(out.backgroundPages()).isZero();
      assertThat(out.requests()).isEqualTo(1);
      assertThat(guest.bytesSent() - vm.bytesSent())
          .as("bytes from the pause to the end of the fault")
          .isBetween(parts * BASE_BYTES, parts * BASE_BYTES + HEADERS_BYTES);
      for (int i = 0; i < WRITTEN.length; i++) {
        assertThat(guest.seen(i)).as("part %s", i).isEqualTo(vm.writtenTo(WRITTEN[i]));
      }
      assertThat(guest.memory().mismatch(vm.memory())).as("first byte that differs").isEqualTo(-1);
    }
  }

  private static OutgoingReport migrate(
      Kernel kernel,
      VmWritingAtPause vm,
      VmTouchingAtStart guest,
      Placement placement,
      SimpleMeterRegistry registry)
      throws Exception {
    try (MigrationDestination destination =
        new MigrationDestination(kernel, guest, registry, line -> {})) {
      InetSocketAddress address =
          destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SourceSettings settings =
          new SourceSettings(address).withMode(MigrationMode.HYBRID).withPlacement(placement);
      try (MigrationSource source = new MigrationSource(vm, settings, registry)) {
        OutgoingReport out = source.start().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        IncomingReport in = destination.result().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(in.error()).isNull();
        assertThat(in.faults()).isEqualTo(1);
        return out;
      }
    }
  }
}
