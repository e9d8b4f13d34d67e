package io.faultline.dest;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.dest.received.ReceivedSnapshot;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Placement continue: shared memory on Linux, huge pages on the simulated kernel. */
@EnabledOnOs(OS.LINUX)
final class ContinueTargetTest {
  private static final int PAGES = 32;
  private static final int PARTS = 512;

  private final IncomingCounters counters = new IncomingCounters();
  private final Arena arena = Arena.ofShared();
  private final List<AutoCloseable> open = new ArrayList<>();
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
  private Kernel kernel = new LinuxKernel();

  @BeforeEach
  void needsUserfaultfd() {
    assumeTrue(
        kernel.supportedFeatures().contains(Feature.MINOR_SHMEM),
        "minor faults on shared memory are not available on this machine");
  }

  @AfterEach
  void free() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    arena.close();
  }

  @Test
  void lateDuplicateNeverOverwritesWhatTheGuestWrote() throws Exception {
    MemoryRegion ram = shmem();
    RegisteredMemory registered = running(ram);
    send(registered.urgentStream(), ram, 3, 1, 1);
    kernel.guestStore(ram.guest().address(3 * 4096), 0x1234);
    send(registered.bulkStream(0), ram, 0, PAGES, 2);
    assertThat(kernel.guestLoad(ram.guest().address(3 * 4096))).isEqualTo(0x1234);
    for (int page : new int[] {0, 2, 4, PAGES - 1}) {
      assertThat(load(registered, ram, page)).as("page %s", page).isEqualTo(2);
    }
    registered.urgentStream().run(0, 3, 1, Encoding.ENCODING_ZERO, 0, 0);
    assertThat(kernel.guestLoad(ram.guest().address(3 * 4096))).isEqualTo(0x1234);
  }

  @Test
  void pagesAreTakenNoteOfOnceTheyAreWrittenAndBeforeTheGuestSeesThem() throws Exception {
    MemoryRegion ram = shmem();
    List<String> noted = new ArrayList<>();
    Pagemap pagemap = kernel.openPagemap();
    open.add(pagemap);
    RegisteredMemory registered =
        TestMemory.running(
            kernel,
            counters,
            (region, first, end) -> {
              for (long page = first; page < end; page++) {
                boolean mapped = pagemap.isPresent(ram.guest().address(page * 4096));
                noted.add(page + ": " + ram.transfer().data().get(JAVA_LONG, page * 4096) + mapped);
              }
            },
            ram);
    open.add(registered);
    send(registered.urgentStream(), ram, 3, 1, 7);
    assertThat(noted).containsExactly("3: 7false");
    send(registered.bulkStream(0), ram, 2, 3, 8);
    assertThat(noted).as("not the late duplicate").endsWith("2: 8false", "4: 8false").hasSize(3);
    registered.urgentStream().run(0, 9, 1, Encoding.ENCODING_CURRENT, 0, 0);
    assertThat(noted).endsWith("9: 0false").hasSize(4);
    registered.setCurrent(ram, 10, 11, false);
    registered.setCurrent(ram, 11, 12, true);
    assertThat(noted).endsWith("10: 0false").hasSize(5);
  }

  @Test
  void pagesInPiecesOnTwoStreamsAreComplete() throws Exception {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("pagesInPieces seed " + seed);
    Random random = new Random(seed);
    MemoryRegion ram = shmem();
    RegisteredMemory registered = running(ram);
    MemorySegment contents = arena.allocate(ram.sizeBytes());
    byte[] bytes = new byte[(int) ram.sizeBytes()];
    random.nextBytes(bytes);
    contents.copyFrom(MemorySegment.ofArray(bytes));
    Pieces urgent = new Pieces(registered.urgentStream(), contents, random);
    Pieces bulk = new Pieces(registered.bulkStream(0), contents, random);
    boolean more = true;
    while (more) {
      boolean first = urgent.sends();
      more = bulk.sends() || first;
    }
    for (int page = 0; page < PAGES; page++) {
      kernel.guestLoad(ram.guest().address(page * 4096L)); // a missing page would hang here
    }
    assertThat(ram.transfer().data().toArray(JAVA_BYTE)).isEqualTo(bytes);
  }

  @Test
  void pagesFromPrecopyAreMappedOnceTheyAreReportedCurrent() throws Exception {
    MemoryRegion ram = shmem();
    RegisteredMemory registered = inPrecopy(ram);
    send(registered.bulkStream(0), ram, 0, 8, 1);
    send(registered.bulkStream(0), ram, 2, 2, 2);
    registered.guestStarts();
    registered.urgentStream().run(0, 2, 1, Encoding.ENCODING_CURRENT, 0, 0);
    assertThat(load(registered, ram, 2)).isEqualTo(2);
    registered.urgentStream().run(0, 20, 1, Encoding.ENCODING_CURRENT, 0, 0);
    assertThat(load(registered, ram, 20)).as("a page that was zero and never sent").isZero();
    registered.setCurrent(ram, 0, PAGES, false);
    CurrentMapper mapper = registered.newMapper();
    while (mapper.mapSlice() == CurrentMapper.Slice.MAPPED) {}
    assertThat(load(registered, ram, 0)).isEqualTo(1);
    assertThat(load(registered, ram, 3)).isEqualTo(2);
    assertThat(load(registered, ram, 7)).isEqualTo(1);
  }

  @Test
  void onlyFaultsOnCurrentPagesAreResolvedLocally() throws Exception {
    MemoryRegion ram = shmem();
    RegisteredMemory registered = inPrecopy(ram);
    send(registered.bulkStream(0), ram, 0, PAGES, 1);
    registered.guestStarts();
    registered.setCurrent(ram, 0, 16, false);
    registered.setCurrent(ram, 16, PAGES, true);
    Thread vcpu = load(ram, 5, 20);
    readFaultsUntilRequest(registered);
    assertThat(requested).containsExactly(20L);
    assertThat(counters.localFaults.sum()).isEqualTo(1);
    send(registered.urgentStream(), ram, 20, 1, 9);
    awaitEnd(vcpu);
  }

  @Test
  void hugePageIsMappedWhenItsLastStalePartIsWritten() throws Exception {
    MemoryRegion ram = huge();
    RegisteredMemory registered = inPrecopy(ram);
    send(registered.bulkStream(0), ram, 0, PARTS, 1);
    registered.guestStarts();
    Thread vcpu = load(ram, 7);
    readFaultsUntilRequest(registered);
    send(registered.urgentStream(), ram, 7, 1, 2);
    send(registered.urgentStream(), ram, 9, 1, 3);
    assertThat(registered.newMapper().mapSlice()).isEqualTo(CurrentMapper.Slice.MAPPED);
    assertThat(vcpu.isAlive()).isTrue();
    registered.urgentStream().run(0, 0, PARTS, Encoding.ENCODING_CURRENT, 0, 0);
    awaitEnd(vcpu);
    assertThat(load(registered, ram, 7)).isEqualTo(2);
    assertThat(load(registered, ram, 9)).isEqualTo(3);
    assertThat(load(registered, ram, 8)).isEqualTo(1);
  }

  @Test
  void hugePageCompletedInTheBackgroundIsMappedAfterTheStaleSet() throws Exception {
    MemoryRegion ram = huge();
    RegisteredMemory registered = inPrecopy(ram);
    send(registered.bulkStream(0), ram, 0, PARTS, 1);
    registered.guestStarts();
    send(registered.urgentStream(), ram, 7, 1, 2);
    registered.setCurrent(ram, 0, 7, false);
    registered.setCurrent(ram, 7, 8, true);
    registered.setCurrent(ram, 8, 9, true);
    registered.setCurrent(ram, 9, 2L * PARTS, false);
    send(registered.bulkStream(0), ram, 8, 1, 4);
    assertThat(load(registered, ram, 8)).isEqualTo(4);
    assertThat(load(registered, ram, PARTS + 1)).isZero();
  }

  @Test
  void runIsReadDirectlyIntoPlaceAndItsHugePageIsNotMappedBeforeItIsComplete() throws Exception {
    MemoryRegion ram = huge();
    RegisteredMemory registered = inPrecopy(ram);
    registered.guestStarts();
    registered.ensureStreams(2);
    Thread vcpu = load(ram, 300);
    PageStream one = registered.bulkStream(0);
    PageStream other = registered.bulkStream(1);
    int half = PARTS / 2;
    int bytes = half * 4096;
    MemorySegment contents = arena.allocate(bytes, 4096).fill((byte) 5);
    one.run(0, 0, half, Encoding.ENCODING_RAW, bytes, 0);
    long place = one.payloadAddress();
    assertThat(place).isEqualTo(ram.transfer().dataAddress(0));
    NativeCopy.copy(contents.address(), place, bytes - 1);
    one.data(place, bytes - 1);
    other.run(0, half, half, Encoding.ENCODING_RAW, bytes, 0);
    assertThat(other.payloadAddress()).isEqualTo(ram.transfer().dataAddress(bytes));
    other.data(contents.address(), bytes); // like data that was read together with the header
    readFaultsUntilRequest(registered);
    assertThat(requested).as("one byte of the huge page is missing").containsExactly(0L);
    assertThat(vcpu.isAlive()).isTrue();
    one.data(contents.address() + bytes - 1, 1);
    awaitEnd(vcpu);
    assertThat(ram.transfer().data().get(JAVA_BYTE, bytes - 1)).isEqualTo((byte) 5);
    assertThat(load(registered, ram, PARTS - 1)).isEqualTo(5);
  }

  @Test
  void unfinishedRunReleasesItsClaims() throws Exception {
    MemoryRegion ram = huge();
    RegisteredMemory registered = running(ram);
    int half = PARTS / 2;
    PageStream stream = registered.bulkStream(0);
    stream.run(0, 0, half, Encoding.ENCODING_RAW, half * 4096L, 0);
    send(registered.urgentStream(), ram, half, half, 3);
    registered.resetBulk();
    assertThat(Objects.requireNonNull(registered.snapshot()).nextMissing(ram, 0)).isZero();
    send(stream, ram, 0, half, 4);
    assertThat(load(registered, ram, 1)).isEqualTo(4);
    assertThat(load(registered, ram, PARTS - 1)).isEqualTo(3);
  }

  @Test
  void runThatContainsACurrentPageLeavesItUnchanged() throws Exception {
    MemoryRegion ram = shmem();
    RegisteredMemory registered = running(ram);
    send(registered.urgentStream(), ram, 5, 1, 1);
    kernel.guestStore(ram.guest().address(5 * 4096), 0x77);
    PageStream stream = registered.bulkStream(0);
    stream.run(0, 0, PAGES, Encoding.ENCODING_RAW, PAGES * 4096L, 0);
    assertThat(stream.payloadAddress())
        .as("not directly into guest memory")
        .isNotEqualTo(ram.transfer().dataAddress(0));
    send(registered.urgentStream(), ram, 20, 1, 2);
    MemorySegment contents = arena.allocate(PAGES * 4096L, 4096).fill((byte) 9);
    stream.data(contents.address(), PAGES * 4096);
    assertThat(kernel.guestLoad(ram.guest().address(5 * 4096))).isEqualTo(0x77);
    assertThat(load(registered, ram, 20)).isEqualTo(2);
    for (int page : new int[] {0, 4, 6, 19, 21, PAGES - 1}) {
      assertThat(load(registered, ram, page)).as("page %s", page).isEqualTo(9);
    }
  }

  @Test
  void runInterruptedByALostConnectionIsMissingAndCanBeSentAgain() throws Exception {
    MemoryRegion ram = shmem();
    RegisteredMemory registered = running(ram);
    PageStream stream = registered.bulkStream(0);
    MemorySegment contents = arena.allocate(2 * 4096, 4096);
    contents.fill((byte) 7);
    stream.run(0, 4, 2, Encoding.ENCODING_RAW, 2 * 4096, 0);
    stream.data(contents.address(), 4096 + 100);
    registered.resetBulk();
    ReceivedSnapshot received = Objects.requireNonNull(registered.snapshot());
    assertThat(received.nextMissing(ram, 4)).as("the unfinished run").isEqualTo(4);
    assertThat(stream.takePages()).isZero();
    contents.fill((byte) 9);
    stream.run(0, 4, 2, Encoding.ENCODING_RAW, 2 * 4096, 0);
    stream.data(contents.address(), 2 * 4096);
    MemorySegment page =
        MemorySegment.ofAddress(ram.transfer().dataAddress(5 * 4096)).reinterpret(4096);
    assertThat(page.get(JAVA_BYTE, 50)).isEqualTo((byte) 9);
    assertThat(page.get(JAVA_BYTE, 4095)).isEqualTo((byte) 9);
    assertThat(Objects.requireNonNull(registered.snapshot()).nextMissing(ram, 4)).isEqualTo(6);
  }

  /**
   * Loads from a page, in a thread that ends immediately if the page is mapped; otherwise resolves
   * the fault locally.
   */
  private long load(RegisteredMemory registered, MemoryRegion ram, long page)
      throws InterruptedException {
    long[] value = {-1};
    Thread guest =
        Thread.ofPlatform()
            .daemon()
            .start(() -> value[0] = kernel.guestLoad(ram.guest().address(page * 4096)));
    guest.join(200);
    if (guest.isAlive()) { // it waits for a minor fault
      registered.faultReader().readFaults();
      guest.join(10_000);
    }
    assertThat(guest.isAlive()).as("the guest still waits for page %s", page).isFalse();
    return value[0] & 0xff;
  }

  private Thread load(MemoryRegion ram, long... pages) {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              for (long page : pages) {
                kernel.guestLoad(ram.guest().address(page * 4096));
              }
            });
  }

  private void send(PageStream stream, MemoryRegion ram, long first, int count, int value)
      throws WireException {
    long bytes = count * ram.basePageBytes();
    MemorySegment contents = arena.allocate(bytes);
    for (int page = 0; page < count; page++) {
      contents.set(JAVA_LONG, page * ram.basePageBytes(), value);
    }
    stream.run(0, first, count, Encoding.ENCODING_RAW, bytes, 0);
    stream.data(contents.address(), Math.toIntExact(bytes));
  }

  private MemoryRegion shmem() {
    MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", Backing.SHMEM, PAGES * 4096L);
    open.add(ram);
    return ram;
  }

  private MemoryRegion huge() {
    kernel = new SimulatedKernel();
    long bytes = 2 * kernel.pageSizeBytes(PageSize.HUGE_2M);
    MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", Backing.HUGETLB_2M, bytes);
    open.add(ram);
    return ram;
  }

  private RegisteredMemory running(MemoryRegion ram) {
    RegisteredMemory registered = inPrecopy(ram);
    registered.guestStarts();
    return registered;
  }

  private RegisteredMemory inPrecopy(MemoryRegion ram) {
    RegisteredMemory registered =
        TestMemory.inPrecopy(kernel, Placement.CONTINUE, counters, requests, ram);
    open.add(registered);
    return registered;
  }

  private void readFaultsUntilRequest(RegisteredMemory registered) {
    while (requested.isEmpty()) {
      registered.faultReader().readFaults();
      Thread.onSpinWait();
    }
  }

  private static void awaitEnd(Thread vcpu) throws InterruptedException {
    vcpu.join(10_000);
    assertThat(vcpu.isAlive()).isFalse();
  }

  /** Sends all pages, in runs and pieces of random sizes, on one stream. */
  private static final class Pieces {
    private final PageStream stream;
    private final MemorySegment contents;
    private final Random random;
    private long at;
    private long end;

    Pieces(PageStream stream, MemorySegment contents, Random random) {
      this.stream = stream;
      this.contents = contents;
      this.random = random;
    }

    /** Sends the next piece; false at the end. */
    boolean sends() throws WireException {
      if (at == contents.byteSize()) {
        return false;
      }
      if (at == end) {
        int left = (int) ((contents.byteSize() - at) / 4096);
        int count = 1 + random.nextInt(left);
        end = at + count * 4096L;
        stream.run(0, at / 4096, count, Encoding.ENCODING_RAW, end - at, 0);
      }
      int piece = (int) Math.min(end - at, 1 + random.nextInt(3 * 4096));
      stream.data(contents.address() + at, piece);
      at += piece;
      return true;
    }
  }
}
