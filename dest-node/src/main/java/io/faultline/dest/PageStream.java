package io.faultline.dest;

import io.faultline.dest.recording.PlacementLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Capability;
import io.faultline.proto.WireException;
import io.faultline.proto.runs.RunBuffer;
import io.faultline.proto.runs.RunDecompressor;
import io.faultline.proto.wire.Encoding;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The pages that arrive on one connection. Checks everything that the peer says about them, and
 * assembles a run: none of its pages is placed before the whole run has arrived and its checksum is
 * correct. Confined to the connection's loop.
 *
 * <p>If there is no memory for a page of a run once the guest runs here, the stream keeps the run,
 * and its connection pauses until the rest could be placed. Before that it is an error.
 */
final class PageStream implements AutoCloseable, MemoryWaiter {
  private static final int MIN_DIRECT_BYTES = 32 << 10;

  private final IncomingRegions regions;
  private final PageTarget target;
  private final Supplier<GuestPhase> phase;
  private final LongAdder precopied;
  private final LongAdder placed;
  private final @Nullable PlacementLog log;
  private final @Nullable NeededPages needed;
  private final PagePlacer placer;
  private final MemoryWaits waits;
  private final RunLimits limits;
  private final RunBuffer buffer;
  private final RunVerifier verifier = new RunVerifier();
  private RunDecompressor decompressor = new RunDecompressor(Set.of());
  private long pages;

  // The run that is arriving; region is null if there is none.
  private @Nullable MemoryRegion region;
  private long firstPage;
  private int count;
  private Encoding encoding = Encoding.ENCODING_RAW;
  private int checksum;
  private int payloadBytes;
  private int arrivedBytes;

  /** Where its payload is written: into the buffer, or directly to its place in memory. */
  private long address;

  private boolean direct;
  private GuestPhase directSince = GuestPhase.PRECOPY;

  /** The region of a run that waits for memory; null if none does. */
  private @Nullable MemoryRegion parked;

  /** Lets the connection go on. */
  private @Nullable Runnable resume;

  /**
   * @param waits where a run waits for memory
   * @param precopied counts pages that arrive before the guest runs here
   * @param placed counts pages that arrive after that
   * @param log records the runs that are placed; null for nothing
   * @param needed gets the runs that are placed once the guest runs; null for nothing
   */
  PageStream(
      IncomingRegions regions,
      PageTarget target,
      PagePlacer placer,
      MemoryWaits waits,
      Supplier<GuestPhase> phase,
      LongAdder precopied,
      LongAdder placed,
      @Nullable PlacementLog log,
      @Nullable NeededPages needed) {
    this.regions = regions;
    this.target = target;
    this.placer = placer;
    this.waits = waits;
    this.phase = phase;
    this.precopied = precopied;
    this.placed = placed;
    this.log = log;
    this.needed = needed;
    limits = new RunLimits(target);
    buffer = new RunBuffer(limits.longestBytes(regions.all()));
  }

  /** Sets the capabilities of both sides; before the first run. */
  void agree(Set<Capability> agreed) {
    decompressor.close();
    decompressor = new RunDecompressor(agreed);
    verifier.agree(agreed);
  }

  /** Returns how many pages have arrived on this connection since the last call. */
  long takePages() {
    long taken = pages;
    pages = 0;
    return taken;
  }

  /**
   * The header of a run has arrived. A run without payload is placed immediately.
   *
   * @param sum its checksum, if checksums are agreed on
   */
  void run(int regionId, long first, int number, Encoding how, long payload, int sum)
      throws WireException {
    if (parked != null) {
      throw new IllegalStateException("a run of pages before the last one was placed");
    }
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
      verifier.verify(of, first, number, how, null, sum);
    }
    target.begin(of, first, number);
    switch (how) {
      case ENCODING_ZERO -> placed(of, target.zeros(of, first, number));
      case ENCODING_CURRENT -> placed(of, target.current(of, first, number));
      default -> expect(of);
    }
  }

  /**
   * Where the next piece of the run's payload is best written to; 0 for anywhere. A short payload
   * is best read together with other frames.
   */
  long payloadAddress() {
    return region == null || payloadBytes < MIN_DIRECT_BYTES ? 0 : address + arrivedBytes;
  }

  /** A piece of the run's payload has arrived. */
  void data(long from, int bytes) throws WireException {
    MemoryRegion of = region;
    if (of == null || bytes > payloadBytes - arrivedBytes) {
      throw new IllegalStateException("page data without a run");
    }
    requireOpen();
    if (direct && phase.get() != directSince) {
      throw new WireException("a run of pages that began before RUN and continues after it");
    }
    long to = address + arrivedBytes;
    if (from != to && !NativeCopy.copyIfRoom(from, to, bytes)) {
      assembleInBuffer();
      NativeCopy.copy(from, address + arrivedBytes, bytes);
    }
    arrivedBytes += bytes;
    if (arrivedBytes == payloadBytes) {
      region = null;
      arrived(of);
    }
  }

  /** {@link #payloadAddress} cannot be written: there is no memory for it. */
  void addressRefused() {
    MemoryRegion of = region;
    if (of == null || !direct) {
      throw new IllegalStateException("the buffer of page runs cannot be written");
    }
    assembleInBuffer();
  }

  /** What has arrived of the run is in memory that is present, and is moved from there. */
  private void assembleInBuffer() {
    NativeCopy.copy(address, buffer.address(), arrivedBytes);
    address = buffer.address();
    direct = false;
  }

  /** Whether a run waits for memory; if so, {@code toResume} is run once it has been placed. */
  boolean pauses(Runnable toResume) {
    if (parked == null) {
      return false;
    }
    resume = toResume;
    return true;
  }

  /** Whether a run waits for memory. */
  boolean isParked() {
    return parked != null;
  }

  @Override
  public boolean retry() {
    if (parked == null) { // the connection is lost
      return true;
    }
    if (!target.retry()) {
      return false;
    }
    complete(parked);
    parked = null;
    Runnable toResume = resume;
    resume = null;
    if (toResume != null) {
      toResume.run();
    }
    return parked == null; // what was read before the pause may have to wait too
  }

  /** The last run was placed, or could not be placed for lack of memory. */
  private void placed(MemoryRegion of, boolean done) {
    if (done) {
      complete(of);
    } else if (phase.get() == GuestPhase.RUNNING) {
      parked = of;
      waits.add(this, of, target.nextOffset(of));
    } else {
      throw placer.shortage(of, target.nextOffset(of));
    }
  }

  /** The connection is lost: drops the run that it left unfinished. */
  void reset() {
    target.giveUp();
    parked = null;
    resume = null;
    region = null;
    arrivedBytes = 0;
    pages = 0;
  }

  @Override
  public void close() {
    decompressor.close();
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
    if (RunDecompressor.isCompressed(how)) {
      decompressor.check(how, payload, bytes);
      return;
    }
    limits.check(of, number, how == Encoding.ENCODING_RAW ? bytes : 0, payload);
  }

  private void expect(MemoryRegion of) {
    boolean raw = encoding == Encoding.ENCODING_RAW;
    long to = raw ? target.directAddress(of, firstPage * of.basePageBytes(), payloadBytes) : 0;
    direct = to != 0;
    directSince = phase.get();
    address = direct ? to : buffer.address();
    region = of;
  }

  /** The whole run has arrived. */
  private void arrived(MemoryRegion of) throws WireException {
    long offset = firstPage * of.basePageBytes();
    int bytes = Math.toIntExact(count * of.basePageBytes());
    if (verifier.isNeeded()) {
      verifier.verify(of, firstPage, count, encoding, payload(of, offset), checksum);
    }
    long from = address;
    if (RunDecompressor.isCompressed(encoding)) {
      from = decompressor.decompress(encoding, buffer, payloadBytes, bytes);
    }
    placed(of, target.data(of, offset, from, bytes));
  }

  private ByteBuffer payload(MemoryRegion of, long offset) {
    return direct
        ? of.transfer().data().asSlice(offset, payloadBytes).asByteBuffer()
        : buffer.bytes().limit(payloadBytes);
  }

  private void complete(MemoryRegion of) {
    boolean precopy = phase.get() == GuestPhase.PRECOPY;
    if (encoding != Encoding.ENCODING_CURRENT) {
      pages += count;
      (precopy ? precopied : placed).add(count);
    }
    if (needed != null && !precopy) {
      needed.sentAlong(of.id(), firstPage, count);
    }
    if (log != null) {
      switch (encoding) {
        case ENCODING_ZERO -> log.zeros(of, firstPage, count, precopy);
        case ENCODING_CURRENT -> log.current(of, firstPage, count);
        default -> log.data(of, firstPage, count, precopy);
      }
    }
  }
}
