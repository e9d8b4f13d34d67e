package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.dest.received.ReceivedSnapshot;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Memory that is short while pages arrive, on the simulated kernel. */
class MemoryShortTest {
  private static final int PAGES = 16;

  private final SimulatedKernel kernel = new SimulatedKernel();
  private final IncomingCounters counters = new IncomingCounters();
  private final HeldWaits urgent = new HeldWaits();
  private final HeldWaits bulk = new HeldWaits();
  private final Arena arena = Arena.ofShared();
  private final AtomicInteger resumed = new AtomicInteger();
  private final Runnable resume = resumed::incrementAndGet;

  @AfterEach
  void free() {
    arena.close();
  }

  static Stream<Arguments> placements() {
    return Stream.of(
        Arguments.of(Placement.COPY, Backing.ANONYMOUS),
        Arguments.of(Placement.COPY, Backing.SHMEM),
        Arguments.of(Placement.COPY, Backing.HUGETLB_2M),
        Arguments.of(Placement.CONTINUE, Backing.SHMEM),
        Arguments.of(Placement.CONTINUE, Backing.HUGETLB_2M));
  }

  @ParameterizedTest
  @MethodSource("placements")
  void runIsKeptAndPlacedOnceThereIsMemory(Placement placement, Backing backing) throws Exception {
    try (MemoryRegion ram = map(backing);
        RegisteredMemory registered = running(placement, ram)) {
      kernel.setMemoryShort(true);
      send(registered.bulkStream(0), ram, 0, 7);
      assertThat(registered.bulkStream(0).pauses(resume)).as("its connection pauses").isTrue();
      send(registered.urgentStream(), ram, 1, 9);
      assertThat(registered.urgentStream().isParked()).isTrue();
      retry();
      assertThat(resumed.get()).as("memory is still short").isZero();
      assertThat(counters.pagesPlaced()).isZero();
      kernel.setMemoryShort(false);
      retry();
      assertThat(urgent.isEmpty() && bulk.isEmpty()).isTrue();
      assertThat(resumed.get()).isEqualTo(1);
      assertThat(registered.bulkStream(0).pauses(resume)).isFalse();
      assertThat(counters.pagesPlaced()).isEqualTo(2L * ram.basePagesPerPage());
      assertThat(load(registered, ram, 0)).isEqualTo((byte) 7);
      assertThat(load(registered, ram, 1)).isEqualTo((byte) 9);
    }
  }

  @ParameterizedTest
  @MethodSource("placements")
  void zeroPagesWaitToo(Placement placement, Backing backing) throws Exception {
    try (MemoryRegion ram = map(backing);
        RegisteredMemory registered = running(placement, ram)) {
      int pages = 2 * ram.basePagesPerPage();
      kernel.setMemoryShort(true);
      registered.bulkStream(0).run(0, 0, pages, Encoding.ENCODING_ZERO, 0, 0);
      assertThat(bulk.shortOffset).isZero();
      assertThat(counters.bulkPages.sum()).isZero();
      kernel.setMemoryShort(false);
      retry();
      assertThat(counters.bulkPages.sum()).isEqualTo(pages);
      assertThat(load(registered, ram, 1)).isZero();
    }
  }

  @Test
  void lostConnectionDropsTheRunThatWaits() throws Exception {
    for (Placement placement : Placement.values()) {
      try (MemoryRegion ram = map(Backing.SHMEM);
          RegisteredMemory registered = running(placement, ram)) {
        kernel.setMemoryShort(true);
        send(registered.bulkStream(0), ram, 3, 7);
        assertThat(registered.bulkStream(0).pauses(resume)).isTrue();
        registered.resetBulk();
        kernel.setMemoryShort(false);
        retry();
        assertThat(resumed.get()).isZero();
        assertThat(bulk.isEmpty()).isTrue();
        if (placement == Placement.COPY) {
          assertThat(counters.bulkPages.sum()).isZero();
          assertThat(isPresent(ram, 3)).isFalse();
          send(registered.bulkStream(0), ram, 3, 8);
          assertThat(load(registered, ram, 3)).isEqualTo((byte) 8);
        } else { // it was written, and only the page table had no memory
          ReceivedSnapshot received = Objects.requireNonNull(registered.snapshot());
          assertThat(received.nextMissing(ram, 3)).as("after the page").isEqualTo(4);
          assertThat(load(registered, ram, 3)).isEqualTo((byte) 7);
        }
      }
    }
  }

  @Test
  void currentPagesAreMappedOnceThereIsMemory() throws Exception {
    try (MemoryRegion ram = map(Backing.SHMEM);
        RegisteredMemory registered = inPrecopy(Placement.CONTINUE, ram)) {
      for (int page = 0; page < PAGES; page++) {
        send(registered.bulkStream(0), ram, page, 5);
      }
      registered.guestStarts();
      registered.setCurrent(ram, 0, PAGES, false);
      CurrentMapper mapper = registered.newMapper();
      kernel.setMemoryShort(true);
      assertThat(mapper.mapSlice()).isEqualTo(CurrentMapper.Slice.NO_MEMORY);
      assertThat(mapper.shortRegion()).isSameAs(ram);
      assertThat(mapper.shortOffset()).isZero();
      assertThat(mapper.mapSlice()).isEqualTo(CurrentMapper.Slice.NO_MEMORY);
      kernel.setMemoryShort(false);
      assertThat(mapper.mapSlice()).isEqualTo(CurrentMapper.Slice.MAPPED);
      assertThat(mapper.mapSlice()).isEqualTo(CurrentMapper.Slice.END);
      for (int page = 0; page < PAGES; page++) {
        assertThat(isPresent(ram, page)).as("page %d", page).isTrue();
      }
    }
  }

  @Test
  void faultOnACurrentPageIsResolvedOnceThereIsMemory() throws Exception {
    try (MemoryRegion ram = map(Backing.SHMEM);
        RegisteredMemory registered = inPrecopy(Placement.CONTINUE, ram)) {
      send(registered.bulkStream(0), ram, 2, 5);
      registered.guestStarts();
      registered.setCurrent(ram, 0, PAGES, false);
      kernel.setMemoryShort(true);
      byte[] loaded = new byte[1];
      Thread vcpu =
          Thread.ofPlatform()
              .daemon()
              .start(() -> loaded[0] = (byte) kernel.guestLoad(ram.guest().address(2 * 4096)));
      while (urgent.isEmpty()) {
        registered.faultReader().readFaults();
        Thread.onSpinWait();
      }
      retry();
      assertThat(urgent.isEmpty()).isFalse();
      kernel.setMemoryShort(false);
      retry();
      vcpu.join(200);
      while (vcpu.isAlive()) { // it was woken before its page was mapped
        registered.faultReader().readFaults();
        vcpu.join(10);
      }
      assertThat(loaded[0]).isEqualTo((byte) 5);
    }
  }

  /**
   * Then it ends the migration, and the VM continues at the source. Placement continue uses plain
   * stores, which the simulated kernel does not see.
   */
  @Test
  void beforeTheVmRunsShortMemoryIsAnError() {
    try (MemoryRegion ram = map(Backing.HUGETLB_2M);
        RegisteredMemory registered = inPrecopy(Placement.COPY, ram)) {
      kernel.setMemoryShort(true);
      assertThatThrownBy(() -> send(registered.bulkStream(0), ram, 1, 7))
          .isInstanceOf(PlacementException.class)
          .hasMessageContaining("no memory for page 1 of region ram");
    }
  }

  private void retry() {
    urgent.retry();
    bulk.retry();
  }

  private boolean isPresent(MemoryRegion ram, long page) {
    try (Pagemap pagemap = kernel.openPagemap()) {
      return pagemap.isPresent(ram.guest().address(page * ram.pageBytes()));
    }
  }

  /** The first byte of a page that must be there. */
  private byte load(RegisteredMemory registered, MemoryRegion ram, long page) throws Exception {
    if (!isPresent(ram, page)) { // a minor fault, which needs no source
      registered.faultReader().readFaults();
      registered
          .urgentStream()
          .run(
              0,
              page * ram.basePagesPerPage(),
              ram.basePagesPerPage(),
              Encoding.ENCODING_CURRENT,
              0,
              0);
    }
    return (byte) kernel.guestLoad(ram.guest().address(page * ram.pageBytes()));
  }

  private void send(PageStream stream, MemoryRegion ram, long page, int value)
      throws WireException {
    int grain = ram.basePagesPerPage();
    int bytes = Math.toIntExact(ram.pageBytes());
    MemorySegment contents = arena.allocate(bytes, 4096);
    contents.fill((byte) value);
    stream.run(0, page * grain, grain, Encoding.ENCODING_RAW, bytes, 0);
    stream.data(contents.address(), bytes);
  }

  private MemoryRegion map(Backing backing) {
    return MemoryRegion.map(
        kernel, 0, "ram", backing, PAGES * kernel.pageSizeBytes(backing.pageSize()));
  }

  private RegisteredMemory running(Placement placement, MemoryRegion ram) {
    RegisteredMemory registered = inPrecopy(placement, ram);
    registered.guestStarts();
    return registered;
  }

  private RegisteredMemory inPrecopy(Placement placement, MemoryRegion ram) {
    return TestMemory.inPrecopy(kernel, placement, counters, new NoRequests(), urgent, bulk, ram);
  }
}
