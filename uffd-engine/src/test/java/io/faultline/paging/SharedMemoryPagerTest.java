package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.Errno;
import io.faultline.uffd.Feature;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to the memory of another process if something fails, on the simulated kernel. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharedMemoryPagerTest {
  private static final int PAGES = 64;
  private static final int BUFFER_PAGES = 16;

  private final SimulatedKernel own = new SimulatedKernel();
  private final SimulatedKernel client = own.newProcess();
  private final MemoryFile file = own.createFile("client", PAGES * PAGE, PageSize.BASE);
  private final long address = client.map(MapRequest.sharedFile(file));
  private final Userfaultfd uffd = open();
  private final MemoryStore store = new MemoryStore(PAGES * PAGE);
  private final SharedMemoryPager pager =
      SharedMemoryPager.open(own, PagerOptions.of(BUFFER_PAGES * PAGE));

  @AfterEach
  void close() {
    store.readError = null;
    store.writeError = null;
    pager.close();
  }

  private SharedRegion page(Userfaultfd served) {
    return pager.serve(served).page(file, 0, address, PAGES * PAGE, store);
  }

  private void storeToAll(long value) {
    for (int page = 0; page < PAGES; page++) {
      client.guestStore(address + page * PAGE, value + page);
    }
  }

  private byte inStore(int page) {
    return store.bytes[(int) (page * PAGE)];
  }

  @Test
  void unreadablePageIsAMemoryErrorEvenWhereOneWasEvicted() {
    SharedRegion region = page(uffd);
    storeToAll(1);
    region.flushAll();
    region.advise(AccessAdvice.DONT_NEED, 0, PAGES * PAGE);
    assertThat(region.residentPages()).isZero();
    store.readError = "broken";
    assertThatThrownBy(() -> client.guestLoad(address)).isInstanceOf(MemoryErrorException.class);
    store.readError = null;
    assertThatThrownBy(() -> client.guestLoad(address)).isInstanceOf(MemoryErrorException.class);
    region.discard(0, PAGE);
    assertThat(client.guestLoad(address)).isZero();
    assertThat(client.guestLoad(address + PAGE)).isEqualTo(2);
  }

  /** As before Linux 6.6: the access waits, and never shows zeros. */
  @Test
  void withoutPoisonAnUnreadablePageIsReadAgain() throws Exception {
    SharedRegion region =
        page(
            RefusingUserfaultfd.userfaultfd(
                uffd, (call, arguments) -> call.equals("poison") ? Errno.EINVAL : 0));
    storeToAll(1);
    region.flushAll();
    region.advise(AccessAdvice.DONT_NEED, 0, PAGES * PAGE);
    store.readError = "broken";
    CompletableFuture<Long> loaded =
        CompletableFuture.supplyAsync(() -> client.guestLoad(address + 3 * PAGE));
    while (pager.stats().errors() < 3) {
      Thread.sleep(1);
    }
    assertThat(loaded).isNotDone();
    store.readError = null;
    assertThat(loaded.get()).isEqualTo(4);
  }

  @Test
  void whatAProcessHasStoredIsWrittenAfterItsEnd() {
    SharedRegion region = page(uffd);
    storeToAll(1);
    client.exit();
    region.close();
    for (int page = 0; page < PAGES; page++) {
      assertThat(inStore(page)).isEqualTo((byte) (1 + page));
    }
    assertThat(pager.stats().usedPages()).isZero();
    assertThat(pager.stats().mostUsedPages()).isLessThanOrEqualTo(BUFFER_PAGES);
  }

  @Test
  void failingStoreKeepsTheMemoryOfAProcessThatHasEnded() {
    SharedRegion region = page(uffd);
    client.guestStore(address, 5);
    store.writeError = "no space left";
    client.exit();
    assertThatThrownBy(region::close)
        .isInstanceOf(PagingException.class)
        .hasMessageContaining("no space left");
    store.writeError = null;
    region.close();
    assertThat(inStore(0)).isEqualTo((byte) 5);
  }

  /** Whether the region is closed, withdrawn or abandoned, its pins end. */
  @ParameterizedTest
  @ValueSource(strings = {"close", "withdraw", "abandon"})
  void pinnedPagesStayInMemoryUntilTheRegionEnds(String end) {
    SharedMemory memory = pager.serve(uffd);
    SharedRegion region = memory.page(file, 0, address, PAGES * PAGE, store);
    region.pin(2 * PAGE, 3 * PAGE);
    region.pin(2 * PAGE, PAGE);
    storeToAll(1);
    long reads = pager.stats().pagesRead();
    for (int page = 2; page < 5; page++) {
      assertThat(client.guestLoad(address + page * PAGE)).isEqualTo(1 + page);
    }
    assertThat(pager.stats().pagesRead()).as("without the store").isEqualTo(reads);
    assertThatThrownBy(() -> region.pin(0, PAGES * PAGE))
        .isInstanceOf(PagingException.class)
        .hasMessageContaining("cannot pin more than");
    assertThatThrownBy(() -> region.unpin(5 * PAGE, PAGE))
        .isInstanceOf(IllegalStateException.class);
    region.unpin(4 * PAGE, PAGE);
    switch (end) {
      case "close" -> memory.close();
      case "withdraw" -> memory.withdraw();
      default -> memory.abandon();
    }
    for (int page = 0; page < PAGES && !end.equals("abandon"); page++) {
      assertThat(inStore(page)).isEqualTo((byte) (1 + page));
    }
    long mapped = client.map(MapRequest.sharedFile(file));
    pager
        .serve(open())
        .page(file, 0, mapped, PAGES * PAGE, store)
        .pin(0, 6 * PAGE); // all of the budget is free again
  }

  /** Pinned pages at the head of the queue must not keep the others of the region in memory. */
  @Test
  void regionWithABudgetPinsHalfOfItAtMost() {
    RegionOptions options = RegionOptions.DEFAULT.withMost(8 * PAGE);
    SharedRegion region = pager.serve(uffd).page(file, 0, address, PAGES * PAGE, store, options);
    region.pin(0, 4 * PAGE);
    assertThatThrownBy(() -> region.pin(4 * PAGE, PAGE))
        .isInstanceOf(PagingException.class)
        .hasMessageContaining("cannot pin more than 4 pages of region");
    storeToAll(1);
    for (int page = 0; page < PAGES; page++) {
      assertThat(client.guestLoad(address + page * PAGE)).isEqualTo(1 + page);
    }
  }

  @Test
  void storeToARegionThatIsNotWritableIsAMemoryErrorAndReported() {
    List<String> errors = new CopyOnWriteArrayList<>();
    store.readOnly = true;
    store.bytes[(int) PAGE] = 7;
    SharedMemory memory = pager.serve(uffd);
    assertThatThrownBy(() -> memory.page(file, 0, address, PAGES * PAGE, store))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("map it read-only");
    SharedRegion region =
        memory.page(file, 0, address, PAGES * PAGE, store, RegionOptions.DEFAULT.readOnly());
    region.onError(error -> errors.add(error.message()));
    assertThat(client.guestLoad(address + PAGE)).isEqualTo(7);
    assertThatThrownBy(() -> client.guestStore(address + PAGE, 1))
        .isInstanceOf(MemoryErrorException.class);
    assertThatThrownBy(() -> client.guestStore(address + 2 * PAGE, 1))
        .as("a page that was not in memory")
        .isInstanceOf(MemoryErrorException.class);
    assertThat(errors).hasSize(2).allMatch(error -> error.contains("but is read-only"));
    for (int page = 3; page < PAGES; page++) {
      assertThat(client.guestLoad(address + page * PAGE)).isZero();
    }
    region.flushAll();
    region.close();
    assertThat(inStore(1)).isEqualTo((byte) 7);
    assertThat(pager.stats().writes()).isZero();
    assertThat(pager.stats().usedPages()).isZero();
  }

  @Test
  void storeToAPinnedPageOfARegionThatIsNotWritableSleepsUntilItIsUnpinned() throws Exception {
    SharedRegion region =
        pager
            .serve(uffd)
            .page(file, 0, address, PAGES * PAGE, store, RegionOptions.DEFAULT.readOnly());
    region.pin(0, PAGE);
    region.pin(0, PAGE);
    client.guestLoad(address);
    CompletableFuture<Void> stored =
        CompletableFuture.runAsync(() -> client.guestStore(address, 1));
    awaitProtectFaults(1);
    Thread.sleep(50);
    assertThat(pager.stats().protectFaults()).as("while it is pinned").isEqualTo(1);
    region.unpin(0, PAGE);
    awaitProtectFaults(2);
    assertThat(stored).isNotDone();
    region.unpin(0, PAGE);
    assertThatThrownBy(stored::get).hasCauseInstanceOf(MemoryErrorException.class);
  }

  private void awaitProtectFaults(long count) throws InterruptedException {
    while (pager.stats().protectFaults() < count) {
      Thread.sleep(1);
    }
  }

  /** Before Linux 6.6 the store waits: it must not take a processor meanwhile. */
  @Test
  void withoutPoisonAStoreThatIsRefusedIsTriedNowAndThen() throws Exception {
    AtomicInteger poisons = new AtomicInteger();
    Userfaultfd unpoisoned =
        RefusingUserfaultfd.userfaultfd(
            uffd,
            (call, arguments) ->
                call.equals("poison") && poisons.incrementAndGet() > 0 ? Errno.EINVAL : 0);
    SharedRegion region =
        pager
            .serve(unpoisoned)
            .page(file, 0, address, PAGES * PAGE, store, RegionOptions.DEFAULT.readOnly());
    client.guestLoad(address);
    CompletableFuture<Void> stored =
        CompletableFuture.runAsync(() -> client.guestStore(address, 1));
    long begun = System.nanoTime();
    while (poisons.get() < 10) {
      Thread.sleep(1);
    }
    long handlers = 2;
    assertThat(System.nanoTime() - begun)
        .isGreaterThan((10 / handlers - 1) * FaultService.RETRY_NANOS);
    assertThat(stored).isNotDone();
    region.abandon();
  }

  @Test
  void refusedBudgetLeavesTheMemoryAsItIs() {
    client.guestStore(address, 5);
    RegionOptions tooMuch = RegionOptions.DEFAULT.withLeast(BUFFER_PAGES * PAGE);
    SharedMemory memory = pager.serve(uffd);
    assertThatThrownBy(() -> memory.page(file, 0, address, PAGES * PAGE, store, tooMuch))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("can be promised");
    assertThat(client.guestLoad(address)).isEqualTo(5);
  }

  /** Whatever was reserved for a region that cannot be is there for the next. */
  @Test
  void regionThatCannotBeRegisteredGivesItsBudgetBack() {
    RegionOptions most = RegionOptions.DEFAULT.withLeast(8 * PAGE);
    SharedMemory memory = pager.serve(uffd);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> memory.page(file, 0, PAGE, PAGES * PAGE, store, most))
          .isInstanceOf(SystemCallException.class);
    }
    assertThat(memory.page(file, 0, address, PAGES * PAGE, store, most)).isNotNull();
  }

  /** Such as that of a forked child, which the userfaultfd does not watch. */
  @Test
  void whatAnotherMappingStoresToAbsentPagesIsDropped() {
    store.bytes[(int) (2 * PAGE)] = 9;
    page(uffd);
    long alias = client.map(MapRequest.sharedFile(file));
    client.guestStore(alias + 2 * PAGE, 77);
    assertThat(client.guestLoad(address + 2 * PAGE)).isEqualTo(9);
    client.guestStore(address + 2 * PAGE, 10);
    assertThat(client.guestLoad(alias + 2 * PAGE)).isEqualTo(10);
  }

  /** A process that is still there when the pager ends must not hang, nor see zeros. */
  @Test
  void withdrawnMemoryIsWrittenAndThenAMemoryError() {
    SharedMemory memory = pager.serve(uffd);
    SharedRegion region = memory.page(file, 0, address, PAGES * PAGE, store);
    storeToAll(1);
    region.flush(0, PAGE);
    memory.withdraw();
    for (int page = 0; page < PAGES; page++) {
      assertThat(inStore(page)).isEqualTo((byte) (1 + page));
      long at = address + page * PAGE;
      assertThatThrownBy(() -> client.guestLoad(at)).isInstanceOf(MemoryErrorException.class);
      assertThatThrownBy(() -> client.guestStore(at, 1)).isInstanceOf(MemoryErrorException.class);
    }
    assertThat(pager.stats().usedPages()).isZero();
  }

  /** Not even for a moment is something there that the store does not have. */
  @Test
  void unreadablePageStaysAMemoryErrorWhenItsMemoryIsWithdrawn() {
    AtomicInteger copies = new AtomicInteger();
    SharedMemory memory =
        pager.serve(
            RefusingUserfaultfd.userfaultfd(
                uffd,
                (call, arguments) -> {
                  copies.addAndGet(call.equals("copy") ? 1 : 0);
                  return 0;
                }));
    memory.page(file, 0, address, PAGES * PAGE, store);
    client.guestLoad(address);
    store.readError = "broken";
    long unreadable = address + 20 * PAGE;
    assertThatThrownBy(() -> client.guestLoad(unreadable)).isInstanceOf(MemoryErrorException.class);
    store.readError = null;
    copies.set(0);
    memory.withdraw();
    assertThat(copies).hasValue(0);
    for (int page = 0; page < PAGES; page++) {
      long at = address + page * PAGE;
      assertThatThrownBy(() -> client.guestLoad(at)).isInstanceOf(MemoryErrorException.class);
    }
  }

  private void makeError(SharedRegion region, int page) {
    region.advise(AccessAdvice.RANDOM, 0, PAGES * PAGE);
    store.readError = "broken";
    assertThatThrownBy(() -> client.guestLoad(address + page * PAGE))
        .isInstanceOf(MemoryErrorException.class);
    store.readError = null;
  }

  /** Not for a moment what another page has. */
  @Test
  void discardedErrorShowsNothingButZeros() {
    Arrays.fill(store.bytes, (byte) 9);
    AtomicInteger shown = new AtomicInteger(-1);
    Userfaultfd watched =
        RefusingUserfaultfd.userfaultfd(
            uffd,
            (call, arguments) -> {
              if (call.equals("copy") && arguments[0].equals(address + 3 * PAGE)) {
                MemorySegment source = MemorySegment.ofAddress((long) arguments[1]);
                shown.set(source.reinterpret(PAGE).get(ValueLayout.JAVA_BYTE, 0));
              }
              return 0;
            });
    SharedRegion region = page(watched);
    for (int page = 10; page < PAGES; page++) { // a stream, of which pages are held back
      client.guestLoad(address + page * PAGE);
    }
    makeError(region, 3);
    region.discard(3 * PAGE, PAGE);
    assertThat(shown.get()).isZero();
  }

  /** Its last store that did not fail is the last in the store. */
  @Test
  void processThatStoresWhileItsMemoryIsWithdrawnLosesNothing() throws Exception {
    for (int round = 0; round < 20; round++) {
      Userfaultfd watched = round == 0 ? uffd : open();
      SharedMemory memory = pager.serve(watched);
      long mapped = client.map(MapRequest.sharedFile(file));
      memory.page(file, 0, mapped, PAGES * PAGE, store);
      byte[] last = new byte[2];
      CompletableFuture<Void> storing = CompletableFuture.runAsync(() -> storeOn(mapped, last));
      Thread.sleep(round);
      memory.withdraw();
      storing.get();
      assertThat(inStore(0)).isEqualTo(last[0]);
      assertThat(inStore(1)).isEqualTo(last[1]);
    }
  }

  private Userfaultfd open() {
    return client.openUserfaultfd(
        OpenOptions.of(
            Feature.PAGEFAULT_FLAG_WP,
            Feature.MISSING_SHMEM,
            Feature.MINOR_SHMEM,
            Feature.WP_HUGETLBFS_SHMEM));
  }

  private void storeOn(long mapped, byte[] last) {
    last[0] = inStore(0);
    last[1] = inStore(1);
    try {
      for (int value = 1; ; value = value % 100 + 1) {
        client.guestStore(mapped + value % 2 * PAGE, value);
        last[value % 2] = (byte) value;
      }
    } catch (MemoryErrorException e) {
      // the memory is gone
    }
  }

  @Test
  void bufferThatIsTooSmallIsRefused() {
    assertThatThrownBy(() -> SharedMemoryPager.open(own, PagerOptions.of(4 * PAGE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least " + SharedMemoryPager.LEAST_BUFFER_PAGES * PAGE);
    try (SharedMemoryPager least =
        SharedMemoryPager.open(own, PagerOptions.of(SharedMemoryPager.LEAST_BUFFER_PAGES * PAGE))) {
      least.serve(uffd).page(file, 0, address, PAGES * PAGE, store);
      storeToAll(3);
      for (int page = 0; page < PAGES; page++) {
        assertThat(client.guestLoad(address + page * PAGE)).isEqualTo(3 + page);
      }
    }
  }
}
