package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.PagemapQuery;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Memory that is lent to a snapshot while its pages arrive. */
@EnabledOnOs(OS.LINUX)
final class MemoryLendingTest {
  private static final int PAGES = 8;
  private static final long WORD = 0x0102030405060708L;
  private static final int WAIT_MILLIS = 60_000;

  private final IncomingCounters counters = new IncomingCounters();
  private final List<Long> requested = new ArrayList<>();
  private final FaultReader.PageRequests requests =
      new FaultReader.PageRequests() {
        @Override
        public void add(int region, long page) {
          requested.add(page);
        }

        @Override
        public void flush() {}
      };

  private static Kernel kernel(String name) {
    Kernel kernel = name.equals("linux") ? new LinuxKernel() : new SimulatedKernel();
    assumeTrue(kernel.supportedFeatures().contains(Feature.WP_HUGETLBFS_SHMEM), "no protection");
    return kernel;
  }

  private static Backing backing(String name) {
    return name.equals("shmem") ? Backing.SHMEM : Backing.ANONYMOUS;
  }

  private static MemoryRegion ram(Kernel kernel, Backing backing) {
    return MemoryRegion.map(kernel, 0, "ram", backing, PAGES * 4096L);
  }

  private static void nothing(LentUserfaultfd lent) {
    // the test uses it
  }

  /** Pages with data and pages of zeros: a store to either is one that the snapshot notices. */
  @ParameterizedTest
  @CsvSource({"linux, anonymous", "linux, shmem", "simulated, anonymous", "simulated, shmem"})
  void pagesThatArriveAreProtected(String engine, String memory) throws Exception {
    Kernel kernel = kernel(engine);
    try (MemoryRegion ram = ram(kernel, backing(memory));
        RegisteredMemory registered = TestMemory.lendable(kernel, counters, requests, ram);
        Arena arena = Arena.ofConfined()) {
      LentUserfaultfd lent = registered.lend(MemoryLendingTest::nothing);
      PagePlacer placer =
          new PagePlacer(kernel, registered.userfaultfd(), registered.pagemap(), counters);
      placer.setProtecting(true);
      long page = arena.allocate(4096, 8).fill((byte) 7).address();
      assertThat(placer.place(ram, 0, 4096, page, false)).isEqualTo(4096);
      assertThat(placer.placeZeros(ram, 4096, 2 * 4096, 0, false)).isEqualTo(2 * 4096);
      for (long offset : new long[] {0, 4096, 8192}) {
        long address = ram.guest().address(offset);
        Thread vcpu = Thread.ofPlatform().daemon().start(() -> kernel.guestStore(address, WORD));
        EventBuffer events = awaitWriteFault(registered, lent);
        assertThat(events.address(0)).isEqualTo(address);
        assertThat(kernel.guestLoad(address)).isEqualTo(offset == 0 ? 0x0707070707070707L : 0);
        lent.unprotect(address, 4096);
        vcpu.join(WAIT_MILLIS);
        assertThat(kernel.guestLoad(address)).isEqualTo(WORD);
      }
      assertThat(requested).isEmpty();
      assertThat(counters.faults.sum()).as("of missing pages").isZero();
    }
  }

  private static EventBuffer awaitWriteFault(RegisteredMemory registered, LentUserfaultfd lent) {
    EventBuffer events = new EventBuffer(4);
    long end = System.nanoTime() + WAIT_MILLIS * 1_000_000L;
    while (lent.read(events) == 0 && end - System.nanoTime() > 0) {
      registered.faultReader().readFaults();
      lent.awaitReadable(1);
    }
    assertThat(events.size()).isEqualTo(1);
    return events;
  }

  /** The page table must go on showing what has arrived. */
  @ParameterizedTest
  @CsvSource({"linux, anonymous", "linux, shmem", "simulated, anonymous", "simulated, shmem"})
  void missingPagesStayMissing(String engine, String memory) throws Exception {
    Kernel kernel = kernel(engine);
    try (MemoryRegion ram = ram(kernel, backing(memory));
        RegisteredMemory registered = TestMemory.lendable(kernel, counters, requests, ram)) {
      PagePlacer placer =
          new PagePlacer(kernel, registered.userfaultfd(), registered.pagemap(), counters);
      assertThat(placer.placeZeros(ram, 2 * 4096, 4096, 0, false)).isEqualTo(4096);
      LentUserfaultfd lent = registered.lend(MemoryLendingTest::nothing);
      long start = ram.guest().address();
      long result = lent.writeProtect(start, ram.sizeBytes(), ProtectMode.PROTECT);
      assertThat(FillResult.isComplete(result)).isTrue();
      PageRegions found = new PageRegions(PAGES);
      long end = start + ram.sizeBytes();
      registered.pagemap().scan(start, end, PagemapQuery.PRESENT_OR_SWAPPED, found);
      assertThat(found.size()).isEqualTo(1);
      assertThat(found.start(0)).isEqualTo(start + 2 * 4096);
      assertThat(found.end(0)).isEqualTo(start + 3 * 4096);
    }
  }

  @Test
  void isLentOnce() throws Exception {
    Kernel kernel = kernel("simulated");
    try (MemoryRegion ram = ram(kernel, Backing.ANONYMOUS);
        RegisteredMemory registered = TestMemory.lendable(kernel, counters, requests, ram)) {
      registered.lend(MemoryLendingTest::nothing);
      assertThatThrownBy(() -> registered.lend(MemoryLendingTest::nothing))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContainingAll("a snapshot of this VM is being taken", "try again");
      registered.takeBack();
      registered.lend(MemoryLendingTest::nothing);
      assertThat(registered.isLent()).isTrue();
    }
  }

  @Test
  void memoryThatIsMappedWithContinueIsNotLent() throws Exception {
    Kernel kernel = kernel("simulated");
    try (MemoryRegion ram = ram(kernel, Backing.SHMEM);
        RegisteredMemory registered =
            TestMemory.running(kernel, Placement.CONTINUE, counters, ram)) {
      assertThatThrownBy(() -> registered.lend(MemoryLendingTest::nothing))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("placement continue");
    }
  }

  @Test
  void memoryOfAKernelWithoutWriteProtectionIsNotLent() throws Exception {
    Kernel kernel = kernel("simulated");
    try (MemoryRegion ram = ram(kernel, Backing.ANONYMOUS);
        RegisteredMemory registered = TestMemory.running(kernel, Placement.COPY, counters, ram)) {
      assertThatThrownBy(() -> registered.lend(MemoryLendingTest::nothing))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("lacks [PAGEFAULT_FLAG_WP]");
    }
  }

  /** Its descriptor may be another file's by then. */
  @Test
  void nothingReachesAUserfaultfdThatWasClosed() throws Exception {
    Kernel kernel = kernel("simulated");
    try (MemoryRegion ram = ram(kernel, Backing.ANONYMOUS)) {
      RegisteredMemory registered = TestMemory.lendable(kernel, counters, requests, ram);
      LentUserfaultfd lent = registered.lend(MemoryLendingTest::nothing);
      registered.close();
      long address = ram.guest().address();
      assertThat(lent.writeProtect(address, 4096, ProtectMode.UNPROTECT)).isEqualTo(4096);
      lent.wake(address, 4096);
      assertThatThrownBy(() -> lent.read(new EventBuffer(1)))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("has ended before its snapshot");
      assertThatThrownBy(() -> lent.unregister(address, 4096))
          .isInstanceOf(SnapshotException.class);
    }
  }
}
