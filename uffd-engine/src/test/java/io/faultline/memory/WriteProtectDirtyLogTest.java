package io.faultline.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Feature;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.faultline.uffd.simulated.SimulatedOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Write protection tells every page that was written, on every backing and both engines. */
@Timeout(120)
final class WriteProtectDirtyLogTest {
  private static final long MIB = 1 << 20;
  private static final int ROUNDS = 40;
  private static final long WRITING_NANOS = 200_000_000;

  private final long seed = System.nanoTime();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable resource : open.reversed()) {
      resource.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kernel anonymous",
        "kernel shmem",
        "kernel hugetlb-2m",
        "kernel hugetlb-1g",
        "kernel file",
        "simulated anonymous",
        "simulated shmem",
        "simulated hugetlb-2m",
        "simulated file"
      })
  void noWriteOfSeveralThreadsIsLost(String where) throws Exception {
    Place place = place(where);
    AtomicBoolean stop = new AtomicBoolean();
    try (MiniaturePrecopy precopy = new MiniaturePrecopy(place.region, place.log());
        ExecutorService executor = Executors.newFixedThreadPool(2)) {
      List<Future<?>> writers = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        Random random = new Random(seed + t);
        writers.add(executor.submit(() -> write(place, random, stop)));
      }
      try {
        long start = System.nanoTime();
        for (int n = 0; n < place.rounds || System.nanoTime() - start < WRITING_NANOS; n++) {
          precopy.round();
        }
      } finally {
        stop.set(true);
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
      long last = precopy.round();
      assertThat(precopy.difference()).as("%s, seed %d", where, seed).isEqualTo(-1);
      assertThat(precopy.copied() - last).isGreaterThan(place.region.basePageCount());
      assertThat(precopy.round()).as("pages told though nobody writes").isZero();
    }
  }

  /**
   * Mostly near the start, so that pages are written again and again, also during a scan. Plainly
   * too, where that goes through the page table: nobody waits in a fault here.
   */
  private static void write(Place place, Random random, AtomicBoolean stop) {
    Mapping guest = place.region.guest();
    boolean plain = guest.dataAddress(0) == guest.address();
    long words = guest.lengthBytes() / Long.BYTES;
    while (!stop.get()) {
      long within = random.nextInt(4) == 0 ? words : Math.min(words, 1 << 13);
      long offset = random.nextLong(within) * Long.BYTES;
      if (plain && random.nextBoolean()) {
        NativeMemory.store(guest.dataAddress(offset), random.nextLong());
      } else {
        place.kernel.guestStore(guest.address(offset), random.nextLong());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kernel anonymous",
        "kernel shmem",
        "kernel hugetlb-2m",
        "kernel hugetlb-1g",
        "kernel file",
        "simulated anonymous",
        "simulated shmem",
        "simulated hugetlb-2m",
        "simulated file"
      })
  void exactlyThePagesThatWereWrittenAreToldOnce(String where) throws Exception {
    Place place = place(where);
    Random random = new Random(seed);
    try (DirtyLog log = place.log()) {
      log.start();
      MemoryRegion region = place.region;
      for (int round = 0; round < 10; round++) {
        PageBitmap expected = new PageBitmap(region.basePageCount());
        for (int i = 0; i < 50; i++) {
          long offset = random.nextLong(region.sizeBytes() / 8) * 8;
          place.kernel.guestStore(region.guest().address(offset), random.nextLong());
          place.kernel.guestLoad(region.guest().address(random.nextLong(1000) * 8));
          long page = offset / region.pageBytes() * region.basePagesPerPage();
          expected.set(page, page + region.basePagesPerPage());
        }
        PageBitmap told = new PageBitmap(region.basePageCount());
        log.collect(region, told);
        for (long page = 0; page < told.pageCount(); page++) {
          assertThat(told.get(page))
              .as("%s, seed %d, round %d, page %d", where, seed, round, page)
              .isEqualTo(expected.get(page));
        }
      }
    }
  }

  /** More runs of pages than one scan has room for. */
  @ParameterizedTest
  @ValueSource(strings = {"kernel anonymous", "kernel shmem", "simulated anonymous"})
  void moreRunsThanTheBufferHoldsAreAllTold(String where) throws Exception {
    Place place = place(where, 96 * MIB);
    MemoryRegion region = place.region;
    try (DirtyLog log = place.log()) {
      log.start();
      for (long page = 0; page < region.pageCount(); page += 2) {
        place.kernel.guestStore(region.guest().address(page * region.pageBytes()), 1);
      }
      PageBitmap told = new PageBitmap(region.basePageCount());
      log.collect(region, told);
      assertThat(told.count()).isEqualTo(region.pageCount() / 2);
      for (long page = 0; page < region.pageCount(); page++) {
        assertThat(told.get(page)).isEqualTo(page % 2 == 0);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel shmem", "simulated shmem"})
  void bitsOfTheCallerStayAndOtherRegionsAreRefused(String where) throws Exception {
    Place place = place(where);
    DirtyLog log = place.log();
    open.add(log);
    PageBitmap bits = new PageBitmap(place.region.basePageCount());
    assertThatThrownBy(() -> log.collect(place.region, bits))
        .isInstanceOf(IllegalStateException.class);
    log.start();
    assertThatThrownBy(log::start).isInstanceOf(IllegalStateException.class);
    bits.claim(7);
    place.kernel.guestStore(place.region.guest().address(0), 1);
    log.collect(place.region, bits);
    assertThat(bits.count()).isEqualTo(2);
    assertThat(bits.get(0) && bits.get(7)).isTrue();
    try (MemoryRegion other = MemoryRegion.map(place.kernel, 1, "other", Backing.ANONYMOUS, MIB)) {
      assertThatThrownBy(() -> log.collect(other, bits))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("other");
    }
    log.close();
    assertThatThrownBy(() -> log.collect(place.region, bits))
        .isInstanceOf(IllegalStateException.class);
  }

  /** After close the memory is as before: it can be watched anew, by whatever else. */
  @ParameterizedTest
  @ValueSource(strings = {"kernel anonymous", "kernel hugetlb-2m", "simulated hugetlb-2m"})
  void nothingIsLeftAfterClose(String where) throws Exception {
    Place place = place(where);
    Leaks before = Leaks.now();
    for (int i = 0; i < 3; i++) {
      try (DirtyLog log = place.log()) {
        log.start();
        PageBitmap told = new PageBitmap(place.region.basePageCount());
        log.collect(place.region, told);
        assertThat(told.count()).isZero();
        place.kernel.guestStore(place.region.guest().address(0), i);
        log.collect(place.region, told);
        assertThat(told.count()).isEqualTo(place.region.basePagesPerPage());
      }
    }
    assertThat(Leaks.now()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"WP_ASYNC", "WP_HUGETLBFS_SHMEM"})
  void aKernelWithoutTheFeatureIsRefusedByName(Feature lacking) {
    Set<Feature> features = EnumSet.complementOf(EnumSet.of(lacking));
    Kernel kernel = new SimulatedKernel(SimulatedOptions.DEFAULT.withFeatures(features));
    try (MemoryRegion region = MemoryRegion.map(kernel, 0, "ram", Backing.SHMEM, MIB);
        DirtyLog log = new WriteProtectDirtyLog(kernel, List.of(region))) {
      assertThatThrownBy(log::start)
          .isInstanceOf(SystemCallException.class)
          .hasMessageContaining("this kernel lacks [" + lacking + "]")
          .hasMessageContaining("Linux 6.7");
    }
  }

  /** A region to write to. */
  private record Place(Kernel kernel, MemoryRegion region, int rounds) {
    DirtyLog log() {
      return new WriteProtectDirtyLog(kernel, List.of(region));
    }
  }

  private Place place(String where) throws IOException {
    return place(where, 8 * MIB);
  }

  /**
   * @param where engine and backing
   * @param bytes size where the backing's pages are not larger
   */
  private Place place(String where, long bytes) throws IOException {
    boolean real = where.startsWith("kernel ");
    Kernel kernel = real ? Machines.linuxWithUserfaultfd() : new SimulatedKernel();
    assumeTrue(kernel.supportedFeatures().contains(Feature.WP_ASYNC), "no WP_ASYNC before 6.7");
    Backing backing = backing(where.substring(where.indexOf(' ') + 1));
    long size = Math.max(bytes, kernel.pageSizeBytes(backing.pageSize()));
    if (backing.pageSize().isHuge()) {
      long pages = size >> backing.pageSize().shift();
      HugePageLoan loan = Machines.hugePages(kernel, backing.pageSize(), pages);
      open.add(loan);
    }
    MemoryRegion region = MemoryRegion.map(kernel, 0, "ram", backing, size);
    open.add(region);
    return new Place(kernel, region, backing.pageSize() == PageSize.HUGE_1G ? 3 : ROUNDS);
  }

  private Backing backing(String name) throws IOException {
    return switch (name) {
      case "anonymous" -> Backing.ANONYMOUS;
      case "shmem" -> Backing.SHMEM;
      case "hugetlb-2m" -> Backing.HUGETLB_2M;
      case "hugetlb-1g" -> Backing.HUGETLB_1G;
      default -> {
        Path shm = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(shm), "no tmpfs at /dev/shm");
        Path file = Files.createTempFile(shm, "faultline-test-", "");
        open.add(() -> Files.deleteIfExists(file));
        yield Backing.file(file, PageSize.BASE);
      }
    };
  }
}
