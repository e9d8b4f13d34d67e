package io.faultline.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class GuestAccessTest {
  /** Few, since each fault waits for a collection or two. */
  private static final int PAGES = 200;

  private static final int OPERATIONS = 2000;
  private static final int FAULTS_PER_COLLECTION = 16;
  private static final GuestAccess.FaultListener SILENT =
      new GuestAccess.FaultListener() {
        @Override
        public void beforeNativeAccess() {}

        @Override
        public void afterNativeAccess() {}
      };

  private final Kernel kernel = TestKernels.linux();
  private final long seed = Long.getLong("faultline.seed", System.nanoTime());

  @Test
  void accessOutsideTheRegionIsRefused() {
    try (MemoryRegion region = MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, 1 << 16)) {
      GuestAccess access = new GuestAccess(kernel, region, SILENT);
      for (long offset : new long[] {-8, 1 << 16, (1 << 16) - 4, 3}) {
        assertThatThrownBy(() -> access.load(offset)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> access.store(offset, 1))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  /** Faults stay unresolved here: an access that reached the page would never return. */
  @Test
  @Timeout(120)
  void accessToALostPageThrowsWithoutReachingIt() {
    try (MemoryRegion region = MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, 1 << 16);
        Userfaultfd userfaultfd = kernel.openUserfaultfd(OpenOptions.of())) {
      userfaultfd.register(
          region.guest().address(), region.sizeBytes(), Set.of(RegisterMode.MISSING));
      userfaultfd.zeroPage(region.guest().address(), 4096, FillMode.WAKE);
      GuestAccess access = new GuestAccess(kernel, region, SILENT);
      PageBitmap lost = new PageBitmap(region.basePageCount());
      lost.set(1, 2);
      access.markLost(lost);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> access.load(4096 + 8))
            .isInstanceOf(MemoryErrorException.class)
            .hasMessageContaining("page 1 of ram (offset 0x1000) is lost");
        assertThatThrownBy(() -> access.store(4096, 1)).isInstanceOf(MemoryErrorException.class);
      }
      assertThat(access.load(0)).isZero();
    }
  }

  @Test
  void onlyTheFirstAccessOfItsKindToAPageIsNative() {
    AtomicLong natives = new AtomicLong();
    GuestAccess.FaultListener counter =
        new GuestAccess.FaultListener() {
          @Override
          public void beforeNativeAccess() {}

          @Override
          public void afterNativeAccess() {
            natives.incrementAndGet();
          }
        };
    try (MemoryRegion region = MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, 1 << 16)) {
      GuestAccess access = new GuestAccess(kernel, region, counter);
      access.load(0);
      access.load(8);
      assertThat(natives.get()).isEqualTo(1);
      access.store(16, 5);
      access.store(24, 6);
      assertThat(natives.get()).isEqualTo(2);
      assertThat(access.load(24)).isEqualTo(6);
      access.flush();
      assertThat(access.load(16)).isEqualTo(5);
      assertThat(natives.get()).isEqualTo(3);
    }
  }

  /** Like dirty bits of hardware: one written word must not cost sending 2 MiB. */
  @Test
  void dirtyBitsArePerBasePageOnHugePagesToo() {
    Kernel simulated = new SimulatedKernel();
    try (MemoryRegion region = MemoryRegion.map(simulated, 0, "ram", Backing.HUGETLB_2M, 4 << 20)) {
      DirtyBits bits = new DirtyBits();
      GuestAccess access = new GuestAccess(simulated, region, SILENT, bits);
      GuestAccess other = new GuestAccess(simulated, region, SILENT, bits);
      access.store(0, 1);
      bits.start(region.basePageCount());
      access.flush();
      access.store(8, 1);
      access.store(16, 1);
      access.load(3 * 4096);
      other.store(700 * 4096, 1);
      PageBitmap taken = new PageBitmap(region.basePageCount());
      bits.takeInto(taken);
      assertThat(taken.count()).isEqualTo(2);
      assertThat(taken.get(0) && taken.get(700)).isTrue();
      // The load has filled the entry for loads only, so this store marks.
      access.store(3 * 4096, 2);
      access.flush();
      bits.takeInto(taken);
      assertThat(taken.get(3)).isTrue();
      bits.stop();
      access.store(5 * 4096, 1);
      assertThatThrownBy(() -> bits.takeInto(taken)).isInstanceOf(IllegalStateException.class);
      assertThat(taken.count()).isEqualTo(3);
    }
  }

  /** A guest that faulted in Java state would hang here: the JVM could not stop it. */
  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void guestsFaultWhileTheGarbageCollectorRunsContinuously() throws Exception {
    Kernel linux = TestKernels.linuxWithUserfaultfd();
    long pageBytes = linux.pageSizeBytes(Backing.SHMEM.pageSize());
    AtomicBoolean done = new AtomicBoolean();
    MemoryRegion region = MemoryRegion.map(linux, 0, "gc", Backing.ANONYMOUS, PAGES * pageBytes);
    try (Userfaultfd uffd = linux.openUserfaultfd(OpenOptions.of())) {
      uffd.register(region.guest().address(), region.sizeBytes(), Set.of(RegisterMode.MISSING));
      AtomicLong collections = new AtomicLong();
      CompletableFuture<Void> collector =
          CompletableFuture.runAsync(() -> collect(collections, done));
      Thread resolver =
          Thread.ofPlatform()
              .start(() -> resolve(uffd, region.guest().address(), pageBytes, collections, done));
      Thread[] guests = new Thread[2];
      AtomicLong wrong = new AtomicLong();
      for (int i = 0; i < guests.length; i++) {
        Random random = new Random(seed + i);
        GuestAccess access = new GuestAccess(linux, region, SILENT);
        guests[i] =
            Thread.ofPlatform().start(() -> wrong.addAndGet(guest(access, random, pageBytes)));
      }
      for (Thread guest : guests) {
        guest.join(Duration.ofSeconds(60));
        assertThat(guest.isAlive()).as("guest hangs, seed " + seed).isFalse();
      }
      done.set(true);
      resolver.join();
      assertThat(wrong.get()).as("wrong words, seed " + seed).isZero();
      collector.get(60, TimeUnit.SECONDS);
      assertThat(collections).hasValueGreaterThan(PAGES / FAULTS_PER_COLLECTION / 2);
    } finally {
      done.set(true);
    }
    region.close(); // not in finally: unmapping under a hanging guest would crash the process
  }

  private static void collect(AtomicLong collections, AtomicBoolean done) {
    while (!done.get()) {
      System.gc();
      collections.incrementAndGet();
    }
  }

  private static long guest(GuestAccess access, Random random, long pageBytes) {
    long wrong = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      int page = random.nextInt(PAGES);
      wrong += access.load(page * pageBytes) == content(page) ? 0 : 1;
      access.store(page * pageBytes + 64, i);
    }
    return wrong;
  }

  private static long content(long page) {
    return page * 0x9e3779b97f4a7c15L;
  }

  private static void awaitNext(AtomicLong collections, AtomicBoolean done) {
    long before = collections.get();
    while (collections.get() == before && !done.get()) { // bounded by the test's timeout
      LockSupport.parkNanos(20_000);
    }
  }

  /** Resolves faults; every 16th waits until the collector has run while the guests sleep. */
  private static void resolve(
      Userfaultfd uffd, long base, long pageBytes, AtomicLong collections, AtomicBoolean done) {
    int faults = 0;
    EventBuffer events = new EventBuffer(16);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(pageBytes, 8);
      while (!done.get()) {
        for (int i = 0, n = uffd.read(events); i < n; i++) {
          if (++faults % FAULTS_PER_COLLECTION == 0) {
            awaitNext(collections, done);
          }
          long address = events.address(i);
          page.set(JAVA_LONG, 0, content((address - base) / pageBytes));
          long result = uffd.copy(address, page.address(), pageBytes, FillMode.WAKE);
          if (FillResult.errno(result) == Errno.EEXIST) {
            uffd.wake(address, pageBytes);
          }
        }
        if (events.size() == 0) {
          LockSupport.parkNanos(20_000);
        }
      }
    }
  }
}
