package io.faultline.dest;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.Feature;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.linux.LinuxKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Runs of pages with placement copy: cut into pieces, repeated, invalid. */
@EnabledOnOs(OS.LINUX)
final class PageStreamTest {
  private static final int PAGES = 8;

  private final LinuxKernel kernel = new LinuxKernel();
  private final IncomingCounters counters = new IncomingCounters();
  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void free() {
    arena.close();
  }

  @BeforeEach
  void needsUserfaultfd() {
    System.out.println("seed " + seed);
    assumeTrue(
        kernel.supportedFeatures().contains(Feature.MISSING_HUGETLBFS),
        "userfaultfd on huge pages is not available on this machine");
  }

  @Test
  void pagesArriveCompleteInAnyPieces() throws Exception {
    assertArrivesComplete(Backing.ANONYMOUS);
    assertArrivesComplete(Backing.SHMEM);
  }

  @Test
  void hugePagesArriveCompleteInAnyPieces() throws Exception {
    long free =
        kernel.hugePagePool(Backing.HUGETLB_2M.pageSize()).map(HugePagePool::available).orElse(0L);
    assumeTrue(free >= PAGES, "8 huge pages of 2 MiB are needed, " + free + " are available");
    assertArrivesComplete(Backing.HUGETLB_2M);
  }

  @Test
  void presentPageIsNotOverwritten() throws Exception {
    try (MemoryRegion ram = map(Backing.ANONYMOUS);
        RegisteredMemory registered = running(ram)) {
      send(registered.urgentStream(), ram, filled(ram, 1), 3, 1);
      send(registered.bulkStream(0), ram, filled(ram, 2), 0, PAGES);
      assertThat(ram.guest().data().get(JAVA_BYTE, 2 * 4096)).isEqualTo((byte) 2);
      assertThat(ram.guest().data().get(JAVA_BYTE, 3 * 4096)).isEqualTo((byte) 1);
      assertThat(ram.guest().data().get(JAVA_BYTE, 4 * 4096)).isEqualTo((byte) 2);
      assertThat(counters.alreadyPresent.sum()).isEqualTo(1);
    }
  }

  @Test
  void zeroPagesNeedNoData() throws Exception {
    try (MemoryRegion ram = map(Backing.ANONYMOUS);
        RegisteredMemory registered = running(ram)) {
      registered.bulkStream(0).run(0, 0, PAGES, Encoding.ENCODING_ZERO, 0, 0);
      assertThat(registered.bulkStream(0).takePages()).isEqualTo(PAGES);
      assertThat(ram.guest().data().get(JAVA_BYTE, 0)).isZero();
      assertThat(registered.userfaultfd().read(new EventBuffer(1))).isZero();
    }
  }

  @Test
  void invalidRunsAreRefusedByName() {
    try (MemoryRegion ram = map(Backing.ANONYMOUS);
        RegisteredMemory registered = running(ram)) {
      PageStream stream = registered.bulkStream(0);
      refused(stream, 1, 0, 1, 4096, "region 1");
      refused(stream, 0, PAGES, 1, 4096, "1 pages from 8");
      refused(stream, 0, -1, 1, 4096, "1 pages from -1");
      refused(stream, 0, 1, PAGES, PAGES * 4096, "8 pages from 1");
      refused(stream, 0, 0, 0, 0, "0 pages from 0");
      refused(stream, 0, 0, 1, 4095, "payload of 4095 bytes, not 4096");
      refused(stream, 0, Long.MAX_VALUE, Integer.MAX_VALUE, 4096, "pages from");
    }
  }

  private void assertArrivesComplete(Backing backing) throws WireException {
    try (MemoryRegion ram = map(backing);
        RegisteredMemory registered = running(ram)) {
      byte[] contents = new byte[(int) ram.sizeBytes()];
      random.nextBytes(contents);
      MemorySegment source = arena.allocate(contents.length);
      source.copyFrom(MemorySegment.ofArray(contents));
      int first = 0;
      while (first < PAGES) {
        int most = (int) Math.max(1, RunLimits.MAX_RUN_BYTES / ram.pageBytes());
        int count = 1 + random.nextInt(Math.min(most, PAGES - first));
        send(registered.bulkStream(0), ram, source, first, count);
        first += count;
      }
      assertThat(registered.bulkStream(0).takePages()).isEqualTo(ram.basePageCount());
      assertThat(ram.guest().data().toArray(JAVA_BYTE)).isEqualTo(contents);
    }
  }

  /** Sends a run of pages in pieces of random sizes. */
  private void send(
      PageStream stream, MemoryRegion ram, MemorySegment contents, int first, int count)
      throws WireException {
    long bytes = count * ram.pageBytes();
    int grain = ram.basePagesPerPage();
    stream.run(0, (long) first * grain, count * grain, Encoding.ENCODING_RAW, bytes, 0);
    long at = contents.address() + first * ram.pageBytes();
    long end = at + bytes;
    while (at < end) {
      int most = (int) Math.min(end - at, 1 + ram.pageBytes() * random.nextInt(1, 4));
      int piece = 1 + random.nextInt(most);
      stream.data(at, piece);
      at += piece;
    }
  }

  private MemoryRegion map(Backing backing) {
    long page = kernel.pageSizeBytes(backing.pageSize());
    return MemoryRegion.map(kernel, 0, "ram", backing, PAGES * page);
  }

  private RegisteredMemory running(MemoryRegion ram) {
    return TestMemory.running(kernel, Placement.COPY, counters, ram);
  }

  private MemorySegment filled(MemoryRegion ram, int value) {
    return arena.allocate(ram.sizeBytes()).fill((byte) value);
  }

  private static void refused(
      PageStream stream, int region, long first, int count, long payload, String reason) {
    assertThatThrownBy(() -> stream.run(region, first, count, Encoding.ENCODING_RAW, payload, 0))
        .isInstanceOf(WireException.class)
        .hasMessageContaining(reason);
  }
}
