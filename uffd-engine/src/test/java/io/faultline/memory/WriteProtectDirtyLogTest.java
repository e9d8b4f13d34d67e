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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The log reports every written page, on every backing and both engines. */
@Timeout(120)
@Tag("alone") // takes huge pages of this machine
final class WriteProtectDirtyLogTest {
  private static final long MIB = 1 << 20;
  private static final int ROUNDS = 40;
  private static final long WRITING_NANOS = 200_000_000;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable resource : open.reversed()) {
      resource.close();
    }
  }

  /** Engines and backings. */
  static List<String> allSetups() {
    return List.of(
        "kernel anonymous",
        "kernel shmem",
        "kernel hugetlb-2m",
        "kernel hugetlb-1g",
        "kernel file",
        "simulated anonymous",
        "simulated shmem",
        "simulated hugetlb-2m",
        "simulated file");
  }

  @ParameterizedTest
  @MethodSource("allSetups")
  void noWriteOfSeveralThreadsIsLost(String where) throws Exception {
    Setup setup = setup(where);
    AtomicBoolean stop = new AtomicBoolean();
    try (DirtyLogCheck precopy = new DirtyLogCheck(setup.region, setup.log());
        ExecutorService executor = Executors.newFixedThreadPool(2)) {
      List<Future<?>> writers = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        Random random = new Random(seed + t);
        writers.add(executor.submit(() -> write(setup, random, stop)));
      }
      try {
        long start = System.nanoTime();
        for (int n = 0; n < setup.rounds || System.nanoTime() - start < WRITING_NANOS; n++) {
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
      assertThat(precopy.copied() - last).isGreaterThan(setup.region.basePageCount());
      assertThat(precopy.round()).as("pages reported without a write").isZero();
    }
  }

  /**
   * Writes mostly near the start, so that pages are written repeatedly, also during a scan. Uses
   * plain stores too if they go through the page table, since no access waits in a fault here.
   */
  private static void write(Setup setup, Random random, AtomicBoolean stop) {
    Mapping guest = setup.region.guest();
    boolean plain = guest.dataAddress(0) == guest.address();
    long words = guest.lengthBytes() / Long.BYTES;
    while (!stop.get()) {
      long within = random.nextInt(4) == 0 ? words : Math.min(words, 1 << 13);
      long offset = random.nextLong(within) * Long.BYTES;
      if (plain && random.nextBoolean()) {
        NativeMemory.store(guest.dataAddress(offset), random.nextLong());
      } else {
        setup.kernel.guestStore(guest.address(offset), random.nextLong());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("allSetups")
  void exactlyTheWrittenPagesAreReportedOnce(String where) throws Exception {
    Setup setup = setup(where);
    Random random = new Random(seed);
    try (DirtyLog log = setup.log()) {
      log.start();
      MemoryRegion region = setup.region;
      for (int round = 0; round < 10; round++) {
        PageBitmap expected = new PageBitmap(region.basePageCount());
        for (int i = 0; i < 50; i++) {
          long offset = random.nextLong(region.sizeBytes() / 8) * 8;
          setup.kernel.guestStore(region.guest().address(offset), random.nextLong());
          setup.kernel.guestLoad(region.guest().address(random.nextLong(1000) * 8));
          long page = offset / region.pageBytes() * region.basePagesPerPage();
          expected.set(page, page + region.basePagesPerPage());
        }
        PageBitmap reported = new PageBitmap(region.basePageCount());
        log.collect(region, reported);
        for (long page = 0; page < reported.pageCount(); page++) {
          assertThat(reported.get(page))
              .as("%s, seed %d, round %d, page %d", where, seed, round, page)
              .isEqualTo(expected.get(page));
        }
      }
    }
  }

  /** More runs of pages than one scan returns. */
  @ParameterizedTest
  @ValueSource(strings = {"kernel anonymous", "kernel shmem", "simulated anonymous"})
  void moreRunsThanTheBufferHoldsAreAllReported(String where) throws Exception {
    Setup setup = setup(where, 96 * MIB);
    MemoryRegion region = setup.region;
    try (DirtyLog log = setup.log()) {
      log.start();
      for (long page = 0; page < region.pageCount(); page += 2) {
        setup.kernel.guestStore(region.guest().address(page * region.pageBytes()), 1);
      }
      PageBitmap reported = new PageBitmap(region.basePageCount());
      log.collect(region, reported);
      assertThat(reported.count()).isEqualTo(region.pageCount() / 2);
      for (long page = 0; page < region.pageCount(); page++) {
        assertThat(reported.get(page)).isEqualTo(page % 2 == 0);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel shmem", "simulated shmem"})
  void bitsOfTheCallerStayAndOtherRegionsAreRefused(String where) throws Exception {
    Setup setup = setup(where);
    DirtyLog log = setup.log();
    open.add(log);
    PageBitmap bits = new PageBitmap(setup.region.basePageCount());
    assertThatThrownBy(() -> log.collect(setup.region, bits))
        .isInstanceOf(IllegalStateException.class);
    log.start();
    assertThatThrownBy(log::start).isInstanceOf(IllegalStateException.class);
    bits.claim(7);
    setup.kernel.guestStore(setup.region.guest().address(0), 1);
    log.collect(setup.region, bits);
    assertThat(bits.count()).isEqualTo(2);
    assertThat(bits.get(0) && bits.get(7)).isTrue();
    try (MemoryRegion other = MemoryRegion.map(setup.kernel, 1, "other", Backing.ANONYMOUS, MIB)) {
      assertThatThrownBy(() -> log.collect(other, bits))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("other");
    }
    log.close();
    assertThatThrownBy(() -> log.collect(setup.region, bits))
        .isInstanceOf(IllegalStateException.class);
  }

  /** After close the memory is as before, and can be registered again. */
  @ParameterizedTest
  @ValueSource(strings = {"kernel anonymous", "kernel hugetlb-2m", "simulated hugetlb-2m"})
  void closedLogLeavesNothing(String where) throws Exception {
    Setup setup = setup(where);
    OpenResources before = OpenResources.now();
    for (int i = 0; i < 3; i++) {
      try (DirtyLog log = setup.log()) {
        log.start();
        PageBitmap reported = new PageBitmap(setup.region.basePageCount());
        log.collect(setup.region, reported);
        assertThat(reported.count()).isZero();
        setup.kernel.guestStore(setup.region.guest().address(0), i);
        log.collect(setup.region, reported);
        assertThat(reported.count()).isEqualTo(setup.region.basePagesPerPage());
      }
    }
    assertThat(OpenResources.now()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"WP_ASYNC", "WP_HUGETLBFS_SHMEM"})
  void missingFeatureIsNamed(Feature missing) {
    Set<Feature> features = EnumSet.complementOf(EnumSet.of(missing));
    Kernel kernel = new SimulatedKernel(SimulatedOptions.DEFAULT.withFeatures(features));
    try (MemoryRegion region = MemoryRegion.map(kernel, 0, "ram", Backing.SHMEM, MIB);
        DirtyLog log = new WriteProtectDirtyLog(kernel, List.of(region))) {
      assertThatThrownBy(log::start)
          .isInstanceOf(SystemCallException.class)
          .hasMessageContaining("this kernel lacks [" + missing + "]")
          .hasMessageContaining("Linux 6.7");
    }
  }

  /** A region to write to, and the minimum number of precopy rounds. */
  private record Setup(Kernel kernel, MemoryRegion region, int rounds) {
    DirtyLog log() {
      return new WriteProtectDirtyLog(kernel, List.of(region));
    }
  }

  private Setup setup(String where) throws IOException {
    return setup(where, 8 * MIB);
  }

  /**
   * @param where engine and backing
   * @param bytes the size, unless a page of the backing is larger
   */
  private Setup setup(String where, long bytes) throws IOException {
    boolean real = where.startsWith("kernel ");
    Kernel kernel = real ? TestKernels.linuxWithUserfaultfd() : new SimulatedKernel();
    assumeTrue(kernel.supportedFeatures().contains(Feature.WP_ASYNC), "no WP_ASYNC before 6.7");
    Backing backing = backing(where.substring(where.indexOf(' ') + 1));
    long size = Math.max(bytes, kernel.pageSizeBytes(backing.pageSize()));
    if (backing.pageSize().isHuge()) {
      long pages = size >> backing.pageSize().shift();
      HugePageLoan loan = TestKernels.hugePages(kernel, backing.pageSize(), pages);
      open.add(loan);
    }
    MemoryRegion region = MemoryRegion.map(kernel, 0, "ram", backing, size);
    open.add(region);
    return new Setup(kernel, region, backing.pageSize() == PageSize.HUGE_1G ? 3 : ROUNDS);
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
