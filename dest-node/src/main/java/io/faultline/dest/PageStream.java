package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Capability;
import io.faultline.proto.RunChecksum;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The pages that arrive on one connection: what the peer says of them is checked here. No page of a
 * run is placed before all of the run is here and its checksum is right. Belongs to the
 * connection's loop.
 */
final class PageStream implements AutoCloseable {
  /** The most page data of a run, but for a page of the backing that is larger. */
  static final long MAX_RUN_BYTES = 2 << 20;

  private static final int MIN_PLACED_BYTES = 32 << 10;

  private final IncomingRegions regions;
  private final PageTarget target;
  private final Supplier<GuestPhase> phase;
  private final LongAdder precopied;
  private final LongAdder placed;
  private final RunBuffer buffer;
  private final RunChecksum sums = new RunChecksum();
  private RunExpander expander = new RunExpander(Set.of());
  private boolean checked;
  private long pages;

  // The run that is arriving; no region where there is none.
  private @Nullable MemoryRegion region;
  private long firstPage;
  private int count;
  private Encoding encoding = Encoding.ENCODING_RAW;
  private int checksum;
  private int payloadBytes;
  private int arrivedBytes;

  /** Where its payload goes to: into the buffer, or straight to its place. */
  private long address;

  private boolean inPlace;
  private GuestPhase placedIn = GuestPhase.PRECOPY;

  /**
   * @param precopied counts pages that arrive before the guest runs here
   * @param placed counts those that arrive later
   */
  PageStream(
      IncomingRegions regions,
      PageTarget target,
      Supplier<GuestPhase> phase,
      LongAdder precopied,
      LongAdder placed) {
    this.regions = regions;
    this.target = target;
    this.phase = phase;
    this.precopied = precopied;
    this.placed = placed;
    buffer = new RunBuffer(longestRun(regions.all(), target));
  }

  private static long longestRun(List<MemoryRegion> regions, PageTarget target) {
    long longest = MAX_RUN_BYTES;
    for (MemoryRegion each : regions) {
      longest = Math.max(longest, target.unitBytes(each));
    }
    return longest;
  }

  /** What both ends can do; before the first run. */
  void agree(Set<Capability> agreed) {
    expander.close();
    expander = new RunExpander(agreed);
    checked = agreed.contains(Capability.CRC32C);
  }

  /** Pages that came on this connection since this was asked last. */
  long takePages() {
    long taken = pages;
    pages = 0;
    return taken;
  }

  /**
   * A run is announced; one without payload is placed at once.
   *
   * @param sum its checksum, where those are agreed on
   */
  void run(int regionId, long first, int number, Encoding how, long payload, int sum)
      throws WireException {
    region = null;
    requireOpen();
    MemoryRegion of = regions.check(regionId, first, number);
    checkPayload(of, number, how, payload);
    firstPage = first;
    count = number;
    encoding = how;
    checksum = sum;
    payloadBytes = Math.toIntExact(payload);
    arrivedBytes = 0;
    if (payload == 0) {
      verify(of, null);
    }
    target.begin(of, first, number);
    switch (how) {
      case ENCODING_ZERO -> {
        target.zeros(of, first, number);
        count(number);
      }
      case ENCODING_CURRENT -> target.current(of, first, number);
      default -> expect(of);
    }
  }

  /**
   * Where the next piece of the run's payload is best written to; 0 for anywhere. A short one is
   * best read with others.
   */
  long place() {
    return region == null || payloadBytes < MIN_PLACED_BYTES ? 0 : address + arrivedBytes;
  }

  /** A piece of the run's payload. */
  void data(long from, int bytes) throws WireException {
    MemoryRegion of = region;
    if (of == null || bytes > payloadBytes - arrivedBytes) {
      throw new IllegalStateException("page data without a run");
    }
    requireOpen();
    if (inPlace && phase.get() != placedIn) {
      throw new WireException("a run of pages from before RUN that goes on behind it");
    }
    long to = address + arrivedBytes;
    if (from != to) {
      NativeCopy.copy(from, to, bytes);
    }
    arrivedBytes += bytes;
    if (arrivedBytes == payloadBytes) {
      region = null;
      arrived(of);
    }
  }

  /** The connection is gone: a run that it has left unfinished never was. */
  void reset() {
    target.giveUp();
    region = null;
    arrivedBytes = 0;
    pages = 0;
  }

  @Override
  public void close() {
    expander.close();
    target.close();
    buffer.close();
  }

  private void requireOpen() throws WireException {
    if (phase.get() == GuestPhase.SWITCHOVER) {
      throw new WireException("pages between precopy and RUN");
    }
  }

  private void checkPayload(MemoryRegion of, int number, Encoding how, long payload)
      throws WireException {
    long bytes = number * of.basePageBytes();
    if (RunExpander.isCompressed(how)) {
      expander.check(how, payload, bytes);
      return;
    }
    long expected = how == Encoding.ENCODING_RAW ? bytes : 0;
    if (payload != expected) {
      throw new WireException(
          number + " pages with a payload of " + payload + " bytes, not " + expected);
    }
    long most = Math.max(MAX_RUN_BYTES, target.unitBytes(of));
    if (payload > most) {
      throw new WireException(
          number + " pages in one run, which is more than " + most + " bytes of data");
    }
  }

  private void expect(MemoryRegion of) {
    boolean raw = encoding == Encoding.ENCODING_RAW;
    long place = raw ? target.place(of, firstPage * of.basePageBytes(), payloadBytes) : 0;
    inPlace = place != 0;
    placedIn = phase.get();
    address = inPlace ? place : buffer.address();
    region = of;
  }

  /** All of a run is here. */
  private void arrived(MemoryRegion of) throws WireException {
    long offset = firstPage * of.basePageBytes();
    int bytes = Math.toIntExact(count * of.basePageBytes());
    if (checked) {
      verify(of, payload(of, offset));
    }
    long from = address;
    if (RunExpander.isCompressed(encoding)) {
      from = expander.expand(encoding, buffer, payloadBytes, bytes);
    }
    target.data(of, offset, from, bytes);
    count(count);
  }

  private ByteBuffer payload(MemoryRegion of, long offset) {
    return inPlace
        ? of.transfer().data().asSlice(offset, payloadBytes).asByteBuffer()
        : buffer.bytes().limit(payloadBytes);
  }

  private void verify(MemoryRegion of, @Nullable ByteBuffer payload) throws WireException {
    if (!checked) {
      return;
    }
    int sum = sums.of(of.id(), firstPage, count, encoding, payload);
    if (sum != checksum) {
      throw new WireException(
          "pages "
              + firstPage
              + " to "
              + (firstPage + count - 1)
              + " of region "
              + of.id()
              + " were damaged on their way: their checksum is 0x"
              + Integer.toHexString(sum)
              + ", the source's was 0x"
              + Integer.toHexString(checksum));
    }
  }

  private void count(long more) {
    pages += more;
    (phase.get() == GuestPhase.PRECOPY ? precopied : placed).add(more);
  }
}
