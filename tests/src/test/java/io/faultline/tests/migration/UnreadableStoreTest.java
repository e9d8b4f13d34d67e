package io.faultline.tests.migration;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.demo.simulated.PagedRam;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.AnyIncomingVm;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.demo.vm.VmKind;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.paging.PageStore;
import io.faultline.source.MigrationMode;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A paged VM is migrated, and its store cannot be read any more: before RUN, and after it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UnreadableStoreTest {
  private static final int RAM = 16 << 20;
  private static final long SLOW = 1 << 20;
  private static final long LIMIT_SECONDS = 60;

  /** The node says which store failed, and how: it is no defect of the program. */
  @ParameterizedTest
  @CsvSource({"POSTCOPY, POSTCOPY", "HYBRID, PRECOPY"})
  void migrationFailsAndNamesTheStore(MigrationMode mode, OutgoingState when) throws Exception {
    Kernel kernel = new SimulatedKernel();
    BreakingStore store = new BreakingStore();
    SimulatedVmConfig config =
        SimulatedVmConfig.of(RAM, Backing.ANONYMOUS, 1, Workload.SEQUENTIAL, 7).withPace(100);
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    PagedRam ram = PagedRam.over(kernel, store, RAM, RAM / 8, error -> {}, () -> {});
    try (AnyIncomingVm incoming = new AnyIncomingVm(kernel, VmKind.SIMULATED, null, line -> {});
        MigrationDestination destination =
            new MigrationDestination(kernel, incoming, registry, line -> {});
        HostedVm vm = VmFactory.createPaged(kernel, config, ram)) {
      vm.start();
      InetSocketAddress address =
          destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SourceSettings settings =
          MigrationSetup.of(mode, Placement.COPY, true).settings(address).withBandwidth(SLOW);
      try (MigrationSource source = new MigrationSource(vm.outgoing(true), settings, registry)) {
        CompletableFuture<OutgoingReport> ended = source.start();
        Awaitility.await()
            .atMost(60, TimeUnit.SECONDS)
            .until(() -> source.progress().state() == when);
        store.broken = true;
        OutgoingReport out = ended.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(out.state()).isEqualTo(OutgoingState.FAILED);
        assertThat(out.error())
            .startsWith("memory of the VM cannot be read from its store, one that breaks: page ")
            .contains("EIO", "check the disk of the store")
            .doesNotContain("internal error", "Exception");
        IncomingReport in = destination.result().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(in.state()).isNotEqualTo(IncomingState.COMPLETED);
        assertThat(in.error()).contains("memory of the VM cannot be read from its store");
      }
    }
  }

  private static final class BreakingStore implements PageStore {
    private final byte[] bytes = new byte[RAM];
    private volatile boolean broken;

    @Override
    public synchronized long read(long offset, MemorySegment to, long toOffset, long length)
        throws IOException {
      if (broken) {
        throw new IOException("pread failed: EIO");
      }
      MemorySegment.copy(bytes, (int) offset, to, JAVA_BYTE, toOffset, (int) length);
      return length;
    }

    @Override
    public synchronized void write(long offset, MemorySegment from, long fromOffset, long length) {
      MemorySegment.copy(from, JAVA_BYTE, fromOffset, bytes, (int) offset, (int) length);
    }

    @Override
    public void discard(long offset, long length) {
      throw new UnsupportedOperationException("a VM discards nothing");
    }

    @Override
    public void sync() {}

    @Override
    public int alignment() {
      return 1;
    }

    @Override
    public String toString() {
      return "one that breaks";
    }
  }
}
