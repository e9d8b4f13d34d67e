package io.faultline.uffd.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.MoveMode;
import io.faultline.uffd.PageCategory;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.PagemapQuery;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SimulatedKernelTest {
  private static final long PAGE = KernelFixture.PAGE;
  private static final long HUGE = 1L << 21;

  private final KernelFixture fixture = new KernelFixture();
  private final SimulatedKernel kernel = fixture.kernel;

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void loadSleepsUntilItsPageIsCopied() throws Exception {
    try (Userfaultfd uffd = fixture.open()) {
      long address = fixture.mapped(uffd, 4, RegisterMode.MISSING);
      CompletableFuture<Long> load = fixture.load(address + PAGE);
      EventBuffer events = KernelFixture.next(uffd);
      assertThat(events.type(0)).isEqualTo(EventType.PAGE_FAULT);
      assertThat(events.address(0)).isEqualTo(address + PAGE);
      assertThat(events.flags(0)).isZero();
      assertThat(load).isNotDone();
      long result = uffd.copy(address + PAGE, fixture.buffer(1, 42), PAGE, FillMode.WAKE);
      assertThat(FillResult.isComplete(result)).isTrue();
      assertThat(KernelFixture.result(load)).isEqualTo(42);
      assertThat(uffd.copy(address + PAGE, fixture.buffer(1, 7), PAGE, FillMode.WAKE))
          .isEqualTo(FillResult.of(0, Errno.EEXIST));
    }
  }

  @Test
  void copyOfARangeStopsAtAPresentPage() {
    try (Userfaultfd uffd = fixture.open()) {
      long address = fixture.mapped(uffd, 4, RegisterMode.MISSING);
      uffd.zeroPage(address + 2 * PAGE, PAGE, FillMode.WAKE);
      assertThat(uffd.copy(address, fixture.buffer(4, 1), 4 * PAGE, FillMode.WAKE))
          .isEqualTo(FillResult.of(2 * PAGE, Errno.EAGAIN));
    }
  }

  @Test
  void mappingMovesOnlyOntoAddressesThatWereUsedAndDoNotOverlap() {
    long address = kernel.map(MapRequest.anonymous(4 * PAGE, PageSize.BASE));
    kernel.guestStore(address, 9);
    assertThatThrownBy(() -> kernel.remap(address, 2 * PAGE, address + PAGE))
        .hasMessageContaining("EINVAL");
    assertThatThrownBy(() -> kernel.remap(address, PAGE, 0x3fff_0000_0000L))
        .hasMessageContaining("EINVAL");
    kernel.remap(address, PAGE, address + 2 * PAGE);
    assertThat(kernel.guestLoad(address + 2 * PAGE)).isEqualTo(9);
    assertThatThrownBy(() -> kernel.guestLoad(address)).hasMessageContaining("EFAULT");
  }

  @Test
  void anotherProcessHasMemoryOfItsOwn() {
    SimulatedKernel other = kernel.newProcess();
    long address = kernel.map(MapRequest.anonymous(PAGE, PageSize.BASE));
    assertThatThrownBy(() -> other.guestLoad(address)).hasMessageContaining("EFAULT");
    assertThat(other.map(MapRequest.anonymous(PAGE, PageSize.BASE))).isEqualTo(address);
    kernel.guestStore(address, 9);
    assertThat(other.guestLoad(address)).isZero();
    other.exit();
    assertThat(kernel.guestLoad(address)).isEqualTo(9);
  }

  @Test
  void loadThatSleepsEndsWithItsProcess() throws Exception {
    try (Userfaultfd uffd = fixture.open()) {
      long address = fixture.mapped(uffd, 1, RegisterMode.MISSING);
      CompletableFuture<Long> load = fixture.load(address);
      KernelFixture.next(uffd);
      kernel.exit();
      assertThatThrownBy(() -> KernelFixture.result(load))
          .hasRootCauseInstanceOf(ProcessExitedException.class);
    }
  }

  @Test
  void afterCloseAWaitingLoadReturnsZero() throws Exception {
    Userfaultfd uffd = fixture.open();
    long address = fixture.mapped(uffd, 1, RegisterMode.MISSING);
    CompletableFuture<Long> load = fixture.load(address);
    KernelFixture.next(uffd);
    uffd.close();
    assertThat(KernelFixture.result(load)).isZero();
  }

  @Test
  void wakeWithoutAPageFaultsAgain() throws Exception {
    try (Userfaultfd uffd = fixture.open()) {
      long address = fixture.mapped(uffd, 1, RegisterMode.MISSING);
      CompletableFuture<Long> load = fixture.load(address);
      KernelFixture.next(uffd);
      uffd.wake(address, PAGE);
      assertThat(KernelFixture.next(uffd).address(0)).isEqualTo(address);
      uffd.zeroPage(address, PAGE, FillMode.WAKE);
      assertThat(KernelFixture.result(load)).isZero();
    }
  }

  @Test
  void continueMapsTheContentsWrittenThroughTheOtherMapping() throws Exception {
    try (Userfaultfd uffd = fixture.open();
        MemoryFile file = fixture.shmem(2)) {
      long guest = kernel.map(MapRequest.sharedFile(file));
      long transfer = kernel.map(MapRequest.sharedFile(file));
      uffd.register(guest, 2 * PAGE, Set.of(RegisterMode.MISSING, RegisterMode.MINOR));
      assertThat(uffd.continueFault(guest, PAGE, FillMode.WAKE))
          .isEqualTo(FillResult.of(0, Errno.EFAULT));
      NativeBytes.store(kernel.dataAddress(transfer), 99);
      CompletableFuture<Long> load = fixture.load(guest);
      EventBuffer events = KernelFixture.next(uffd);
      assertThat(events.flags(0)).isEqualTo(EventBuffer.FLAG_MINOR);
      uffd.continueFault(guest, PAGE, FillMode.WAKE);
      assertThat(KernelFixture.result(load)).isEqualTo(99);
      kernel.advise(transfer + PAGE, PAGE, Advice.POPULATE_WRITE);
      assertThat(FillResult.isComplete(uffd.continueFault(guest + PAGE, PAGE, FillMode.WAKE)))
          .isTrue();
    }
  }

  @Test
  void storeToAProtectedPageIsReported() throws Exception {
    try (Userfaultfd uffd = fixture.open(Feature.PAGEFAULT_FLAG_WP)) {
      long address = fixture.anonymous(1);
      kernel.guestStore(address, 1);
      uffd.register(address, PAGE, Set.of(RegisterMode.WRITE_PROTECT));
      uffd.writeProtect(address, PAGE, ProtectMode.PROTECT);
      assertThat(kernel.guestLoad(address)).isEqualTo(1);
      CompletableFuture<Boolean> store = fixture.store(address, 2);
      assertThat(KernelFixture.next(uffd).flags(0))
          .isEqualTo(EventBuffer.FLAG_WRITE | EventBuffer.FLAG_WRITE_PROTECTED);
      assertThat(kernel.guestLoad(address)).isEqualTo(1);
      uffd.writeProtect(address, PAGE, ProtectMode.UNPROTECT);
      KernelFixture.result(store);
      assertThat(kernel.guestLoad(address)).isEqualTo(2);
    }
  }

  @Test
  void scanReturnsWrittenPagesOnce() {
    try (Userfaultfd uffd = fixture.open(Feature.WP_ASYNC, Feature.WP_UNPOPULATED)) {
      long address = fixture.mapped(uffd, 8, RegisterMode.WRITE_PROTECT);
      uffd.writeProtect(address, 8 * PAGE, ProtectMode.PROTECT);
      kernel.guestStore(address + 2 * PAGE, 1);
      kernel.guestStore(address + 3 * PAGE, 1);
      kernel.guestLoad(address + 5 * PAGE);
      PageRegions found = new PageRegions(8);
      PagemapQuery query = PagemapQuery.GET_AND_CLEAR_WRITTEN;
      assertThat(kernel.openPagemap().scan(address, address + 8 * PAGE, query, found)).isEqualTo(1);
      assertThat(found.start(0)).isEqualTo(address + 2 * PAGE);
      assertThat(found.end(0)).isEqualTo(address + 4 * PAGE);
      assertThat(found.categories(0)).isEqualTo(PageCategory.WRITTEN.bit());
      assertThat(found.walkEnd()).isEqualTo(address + 8 * PAGE);
      assertThat(kernel.openPagemap().scan(address, address + 8 * PAGE, query, found)).isZero();
    }
  }

  @Test
  void accessToAPoisonedPageIsAMemoryError() {
    try (Userfaultfd uffd = fixture.open(Feature.POISON)) {
      long address = fixture.mapped(uffd, 1, RegisterMode.MISSING);
      uffd.poison(address, PAGE, FillMode.WAKE);
      assertThatThrownBy(() -> kernel.guestLoad(address)).isInstanceOf(MemoryErrorException.class);
    }
  }

  @Test
  void movedPagesLeaveHolesInTheSource() {
    try (Userfaultfd uffd = fixture.open(Feature.MOVE)) {
      long target = fixture.mapped(uffd, 2, RegisterMode.MISSING);
      long source = fixture.anonymous(2);
      kernel.guestStore(source, 5);
      assertThat(uffd.move(target, source, 2 * PAGE, MoveMode.WAKE))
          .isEqualTo(FillResult.of(PAGE, Errno.EAGAIN));
      assertThat(kernel.guestLoad(target)).isEqualTo(5);
      assertThat(kernel.guestLoad(source)).isZero();
      assertThat(uffd.move(target + PAGE, source + PAGE, PAGE, MoveMode.ALLOW_HOLES))
          .isEqualTo(FillResult.of(PAGE, 0));
    }
  }

  @Test
  void droppingPagesWaitsForItsEventAndDelaysFills() throws Exception {
    try (Userfaultfd uffd = fixture.open(Feature.EVENT_REMOVE)) {
      long address = fixture.mapped(uffd, 2, RegisterMode.MISSING);
      uffd.copy(address, fixture.buffer(1, 3), PAGE, FillMode.WAKE);
      CompletableFuture<Boolean> drop =
          KernelFixture.start(
              () -> {
                kernel.advise(address, PAGE, Advice.DONT_NEED);
                return true;
              });
      while (uffd.copy(address + PAGE, fixture.buffer(1, 3), PAGE, FillMode.WAKE)
          != FillResult.of(0, Errno.EAGAIN)) {
        uffd.wake(address, PAGE);
      }
      assertThat(drop).isNotDone();
      EventBuffer events = KernelFixture.next(uffd);
      assertThat(events.type(0)).isEqualTo(EventType.REMOVE);
      assertThat(events.rangeEnd(0) - events.rangeStart(0)).isEqualTo(PAGE);
      KernelFixture.result(drop);
      assertThat(kernel.openPagemap().isPresent(address)).isFalse();
    }
  }

  @Test
  void remapSendsRemapThenUnmap() throws Exception {
    try (Userfaultfd uffd = fixture.open(Feature.EVENT_REMAP, Feature.EVENT_UNMAP)) {
      long address = fixture.mapped(uffd, 2, RegisterMode.MISSING);
      CompletableFuture<Long> moved = KernelFixture.start(() -> kernel.remap(address, 2 * PAGE));
      EventBuffer first = KernelFixture.next(uffd);
      assertThat(first.type(0)).isEqualTo(EventType.REMAP);
      assertThat(KernelFixture.next(uffd).type(0)).isEqualTo(EventType.UNMAP);
      assertThat(KernelFixture.result(moved)).isEqualTo(first.remapTo(0));
    }
  }

  @Test
  void forkedChildHasItsOwnUserfaultfd() throws Exception {
    try (Userfaultfd uffd = fixture.open(Feature.EVENT_FORK)) {
      long address = fixture.mapped(uffd, 2, RegisterMode.MISSING);
      uffd.copy(address, fixture.buffer(1, 11), PAGE, FillMode.WAKE);
      CompletableFuture<SimulatedKernel> fork = KernelFixture.start(kernel::fork);
      EventBuffer events = KernelFixture.next(uffd);
      try (Userfaultfd childs = uffd.adoptForked(events.forkedDescriptor(0))) {
        SimulatedKernel child = KernelFixture.result(fork);
        assertThat(child.guestLoad(address)).isEqualTo(11);
        CompletableFuture<Long> load = KernelFixture.start(() -> child.guestLoad(address + PAGE));
        KernelFixture.next(childs);
        childs.copy(address + PAGE, fixture.buffer(1, 12), PAGE, FillMode.WAKE);
        assertThat(KernelFixture.result(load)).isEqualTo(12);
        child.exit();
        assertThat(childs.zeroPage(address, PAGE, FillMode.WAKE))
            .isEqualTo(FillResult.of(0, Errno.ESRCH));
      }
    }
  }

  @Test
  void copyReportsAnExhaustedHugePagePoolAsEexist() {
    KernelFixture small = new KernelFixture(SimulatedOptions.DEFAULT.withHugePages(1, 0));
    try (Userfaultfd uffd = small.open();
        MemoryFile file = small.kernel.createFile("huge", HUGE, PageSize.HUGE_2M)) {
      long address = small.kernel.map(MapRequest.sharedFile(file));
      uffd.register(address, HUGE, Set.of(RegisterMode.MISSING));
      assertThatThrownBy(() -> small.kernel.map(MapRequest.anonymous(HUGE, PageSize.HUGE_2M)))
          .hasMessageContaining("1 huge pages are needed, 0 are available");
      file.punchHole(0, HUGE);
      long other = small.kernel.map(MapRequest.anonymous(HUGE, PageSize.HUGE_2M));
      long source = kernel.dataAddress(fixture.anonymous(512));
      assertThat(uffd.copy(address, source, HUGE, FillMode.WAKE))
          .isEqualTo(FillResult.of(0, Errno.EEXIST));
      assertThat(small.kernel.openPagemap().isPresent(address)).isFalse();
      small.kernel.unmap(other, HUGE);
      assertThat(FillResult.isComplete(uffd.copy(address, source, HUGE, FillMode.WAKE))).isTrue();
      assertThat(small.kernel.openPagemap().isPresent(address)).isTrue();
    }
    small.close();
  }

  @Test
  void migrationOfManyPagesCompletes() throws Exception {
    int pages = 1 << 16;
    try (Userfaultfd uffd = fixture.open()) {
      long address = fixture.mapped(uffd, pages, RegisterMode.MISSING);
      long source = fixture.buffer(pages, 1);
      CompletableFuture<Long> guest =
          KernelFixture.start(
              () -> {
                long sum = 0;
                for (int page = pages - 1; page >= 0; page--) {
                  sum += kernel.guestLoad(address + page * PAGE);
                }
                return sum;
              });
      for (long at = 0; at < pages * PAGE; at += PAGE) {
        uffd.copy(address + at, source + at, PAGE, FillMode.WAKE);
      }
      assertThat(KernelFixture.result(guest)).isEqualTo((long) pages * (pages + 1) / 2);
    }
  }
}
