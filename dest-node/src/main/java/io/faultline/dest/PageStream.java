package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The pages that arrive on one connection: what the peer says of them is checked here. Belongs to
 * the connection's loop.
 */
final class PageStream implements AutoCloseable {
  private final IncomingRegions regions;
  private final PageTarget target;
  private final Supplier<GuestPhase> phase;
  private final LongAdder precopied;
  private final LongAdder placed;

  private @Nullable MemoryRegion region;
  private long offset;
  private long end;
  private long pages;

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
  }

  /** Pages that came on this connection since this was asked last. */
  long takePages() {
    long taken = pages;
    pages = 0;
    return taken;
  }

  /** A run is announced; one without payload is placed at once. */
  void run(int regionId, long firstPage, int count, Encoding encoding, long payloadBytes)
      throws WireException {
    if (phase.get() == GuestPhase.SWITCHOVER) {
      throw new WireException("pages between precopy and RUN");
    }
    MemoryRegion of = regions.check(regionId, firstPage, count);
    long bytes = count * of.basePageBytes();
    long expected = encoding == Encoding.ENCODING_RAW ? bytes : 0;
    if (payloadBytes != expected) {
      throw new WireException(
          count + " pages with a payload of " + payloadBytes + " bytes, not " + expected);
    }
    target.begin(of, firstPage, count);
    switch (encoding) {
      case ENCODING_RAW -> {
        region = of;
        offset = firstPage * of.basePageBytes();
        end = offset + bytes;
      }
      case ENCODING_ZERO -> {
        target.zeros(of, firstPage, count);
        count(count);
      }
      case ENCODING_CURRENT -> target.current(of, firstPage, count);
      default -> throw new WireException("pages in the encoding " + encoding);
    }
  }

  /** Where the next piece of the run's payload is best written to; 0 for anywhere. */
  long place() {
    return region == null || offset == end ? 0 : target.place(region, offset);
  }

  /** A piece of the run's payload. */
  void data(long address, int bytes) {
    MemoryRegion of = region;
    if (of == null || bytes > end - offset) {
      throw new IllegalStateException("page data without a run");
    }
    long before = offset / of.basePageBytes();
    target.data(of, offset, address, bytes);
    offset += bytes;
    count(offset / of.basePageBytes() - before);
  }

  /** The connection is gone: what it has left unfinished never was. */
  void reset() {
    region = null;
    offset = 0;
    end = 0;
    pages = 0;
    placed.add(-target.reset()); // they were counted as they came
  }

  @Override
  public void close() {
    target.close();
  }

  private void count(long more) {
    pages += more;
    (phase.get() == GuestPhase.PRECOPY ? precopied : placed).add(more);
  }
}
