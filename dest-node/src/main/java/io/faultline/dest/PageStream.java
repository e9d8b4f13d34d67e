package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The pages that arrive on one connection. Whole pages are placed from where the socket left them;
 * only a page that is split over two reads is put together first. Belongs to the connection's loop.
 */
final class PageStream implements AutoCloseable {
  private final IncomingRegions regions;
  private final PagePlacer placer;
  private final LongAdder placed;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment split;
  private final MemorySegment zeros;

  private @Nullable MemoryRegion region;
  private long nextPage;
  private long splitBytes;
  private long pages;

  PageStream(IncomingRegions regions, PagePlacer placer, LongAdder placed) {
    this.regions = regions;
    this.placer = placer;
    this.placed = placed;
    long largest = 0;
    long largestHuge = 0;
    for (MemoryRegion each : regions.all()) {
      largest = Math.max(largest, each.pageBytes());
      if (each.backing().pageSize().isHuge()) {
        largestHuge = Math.max(largestHuge, each.pageBytes());
      }
    }
    split = arena.allocate(largest, largest);
    zeros = arena.allocate(largestHuge, 1);
  }

  /** Pages that came on this connection. */
  long pages() {
    return pages;
  }

  /** A run is announced; one without payload is placed at once. */
  void run(int regionId, long firstPage, int count, Encoding encoding, long payloadBytes)
      throws WireException {
    MemoryRegion of = regions.check(regionId, firstPage, count);
    long expected = encoding == Encoding.ENCODING_RAW ? count * of.pageBytes() : 0;
    if (payloadBytes != expected) {
      throw new WireException(
          count + " pages with a payload of " + payloadBytes + " bytes, not " + expected);
    }
    region = of;
    nextPage = firstPage;
    splitBytes = 0;
    if (encoding == Encoding.ENCODING_ZERO) {
      placer.placeZeros(of, firstPage, count, zeros.address());
      count(count);
    }
  }

  /** A piece of the run's payload. */
  void data(long address, int bytes) {
    if (region == null) {
      throw new IllegalStateException("page data without a run");
    }
    long pageBytes = region.pageBytes();
    long at = address;
    long left = bytes;
    if (splitBytes > 0) {
      long part = Math.min(left, pageBytes - splitBytes);
      collect(at, part);
      at += part;
      left -= part;
    }
    long whole = left / pageBytes;
    if (whole > 0) {
      placer.place(region, nextPage, whole, at);
      nextPage += whole;
      count(whole);
      at += whole * pageBytes;
      left -= whole * pageBytes;
    }
    if (left > 0) {
      collect(at, left);
    }
  }

  @Override
  public void close() {
    arena.close();
  }

  /** Adds to the page that is split, and places it once it is whole. */
  private void collect(long address, long bytes) {
    MemorySegment piece = MemorySegment.ofAddress(address).reinterpret(bytes);
    MemorySegment.copy(piece, 0, split, splitBytes, bytes);
    splitBytes += bytes;
    if (region != null && splitBytes == region.pageBytes()) {
      placer.place(region, nextPage, 1, split.address());
      nextPage++;
      splitBytes = 0;
      count(1);
    }
  }

  private void count(long more) {
    pages += more;
    placed.add(more);
  }
}
