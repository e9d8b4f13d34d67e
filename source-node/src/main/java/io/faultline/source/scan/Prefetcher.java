package io.faultline.source.scan;

import io.faultline.memory.PageBitmap;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Follows the guest by its requests: sends further pages after a requested one, and directs the
 * background scan to the guest's position.
 *
 * <p>Prefetched pages never delay a requested one. They are sent after all requests that have
 * arrived are answered, and only while the connection has room. How many depends on how likely the
 * guest is to need them: other expected pages if it has requested one of those; else the whole
 * window of a confirmed stream, part of a block of memory with many requests, otherwise none. Those
 * of a stream and of a dense block are sent at once, since the guest needs them; of other blocks
 * piece by piece, so that a request that arrives meanwhile waits for a piece of {@value
 * #PIECE_BYTES} bytes at most. Huge pages are never prefetched: a single one would delay the next
 * request for too long.
 *
 * <p>Does not allocate. Confined to the control loop.
 */
public final class Prefetcher {
  /** The most to prefetch with one request. */
  static final int MAX_BYTES = 1 << 20;

  /** What is sent of blocks before the next look at the connection: some 50 us of work. */
  static final int PIECE_BYTES = 64 << 10;

  /**
   * How far ahead of a sequential guest the background scan starts, in front of the pages
   * prefetched for it: a page in the background queue would come too late for a guest that is
   * almost there.
   */
  private static final long LEAD_BYTES = 4 << 20;

  /** The most for a strided stream, whose pages need a frame each. */
  private static final int MAX_STRIDED = 32;

  /** Requests of one read that are followed. With more there is enough to send anyway. */
  private static final int MAX_REQUESTS = 16;

  private final List<? extends ScanRegion> regions;
  private final AccessHints hints;
  private final Sink sink;
  private final LongConsumer charge;
  private final boolean prefetch;
  private final boolean prefetchesBlocks;
  private final AccessStreams streams;
  private final FaultDensity density;
  private final ExpectedPrefetch expected;
  private final BlockPlans blocks = new BlockPlans();

  private final int[] requestedRegion = new int[MAX_REQUESTS];
  private final long[] requestedUnit = new long[MAX_REQUESTS];
  private int requests;

  /** Sends pages on the connection that answers requests. */
  public interface Sink {
    /** Whether the connection has room for pages that were not requested. */
    boolean isWritable();

    /**
     * Claims and sends a run of units, up to the first that was sent before.
     *
     * @param most units, at least 1
     * @return units sent
     */
    long prefetch(int region, long firstUnit, long most);
  }

  /**
   * @param regions by their ids
   * @param order the background scan that follows the guest
   * @param charge receives the bytes prefetched, so that the background scan sends that much less
   * @param allWritten whether the guest has recently written all pages that are left, as after
   *     precopy rounds
   * @param prefetch whether to prefetch at all; the background scan is directed in any case
   * @param blocks whether to prefetch of blocks
   */
  public Prefetcher(
      List<? extends ScanRegion> regions,
      ScanOrder order,
      Sink sink,
      LongConsumer charge,
      boolean allWritten,
      boolean prefetch,
      boolean blocks) {
    this.regions = regions;
    this.hints = order.hints();
    this.sink = sink;
    this.charge = charge;
    this.prefetch = prefetch;
    this.prefetchesBlocks = blocks;
    ScanRegion first = regions.getFirst();
    long basePageBytes = first.unitBytes() / first.unitPages();
    streams = new AccessStreams(Math.toIntExact(MAX_BYTES / basePageBytes));
    density = new FaultDensity(regions, allWritten);
    expected = new ExpectedPrefetch(regions, sink);
  }

  /** A base page was requested and answered. */
  public void requested(int region, long basePage) {
    if (requests < MAX_REQUESTS) {
      requestedRegion[requests] = region;
      requestedUnit[requests] = firstUnit(regions.get(region), basePage);
      requests++;
    }
  }

  /**
   * Prefetches for the requests of one read, once all of them are answered, and the next piece of
   * blocks.
   *
   * @return whether anything was sent
   */
  public boolean followUp() {
    long sent = 0;
    for (int i = 0; i < requests; i++) {
      sent += follow(requestedRegion[i], requestedUnit[i]);
    }
    requests = 0;
    return sent + sendPiece() > 0;
  }

  /** Whether there is another piece of blocks, for {@link #followUp} without further requests. */
  public boolean hasMore() {
    return !blocks.isEmpty();
  }

  /** Returns bytes sent. */
  private long sendPiece() {
    if (!sink.isWritable()) {
      blocks.clear();
    }
    long sent = 0;
    while (!blocks.isEmpty() && sent < PIECE_BYTES) {
      ScanRegion region = regions.get(blocks.region());
      long most = Math.max(1, (PIECE_BYTES - sent) / region.unitBytes());
      sent += blocks.send(sink, region.sent(), most) * region.unitBytes();
    }
    charge.accept(sent);
    return sent;
  }

  /** The first unit of the page of the backing that holds a base page. */
  private static long firstUnit(ScanRegion region, long basePage) {
    return basePage / basePagesPerPage(region) * region.unitsPerPage();
  }

  private static long basePagesPerPage(ScanRegion region) {
    return (long) region.unitPages() * region.unitsPerPage();
  }

  /** Returns units sent. */
  private long follow(int regionId, long unit) {
    ScanRegion region = regions.get(regionId);
    int stream = streams.requested(regionId, unit, region.sent());
    int dense = density.requested(regionId, unit * region.unitBytes());
    boolean upward = streams.isConfirmed(stream) && streams.stride(stream) == 1;
    long ahead = upward ? region.unitsPerPage() : 0;
    long sent = 0;
    if (isExpected(region, unit)) {
      sent = sink.isWritable() ? expected.send(regionId, unit) : 0;
      charge.accept(sent * region.unitBytes());
    } else if (prefetch && basePagesPerPage(region) == 1) {
      sent = sink.isWritable() ? prefetch(regionId, stream, unit, dense) : 0;
      ahead += upward ? sent + LEAD_BYTES / region.unitBytes() : 0;
    }
    if (streams.isConfirmed(stream) || !density.isAllWritten()) {
      long from = Math.min(unit + ahead, region.sent().pageCount() - 1);
      hints.publish(stream, regionId, from * region.unitPages(), upward);
    }
    return sent;
  }

  /** Whether a page was not in time although it was expected to be needed. */
  private static boolean isExpected(ScanRegion region, long unit) {
    PageBitmap units = region.expected();
    return basePagesPerPage(region) == 1 && unit < units.pageCount() && units.get(unit);
  }

  private long prefetch(int region, int stream, long unit, int dense) {
    long sent;
    if (!streams.isConfirmed(stream)) {
      sent = prefetchesBlocks ? prefetchBlock(region, unit, dense) : 0;
    } else if (streams.stride(stream) == 1) {
      int window = streams.window(stream);
      sent = prefetchRange(region, unit + 1, unit + 1 + 2L * window, window);
    } else if (streams.stride(stream) == -1) {
      int window = streams.window(stream);
      sent = prefetchRange(region, Math.max(0, unit - window), unit, window);
    } else {
      sent = prefetchStrided(region, unit, streams.stride(stream), streams.window(stream));
    }
    charge.accept(sent * regions.get(region).unitBytes());
    return sent;
  }

  /**
   * The unsent rest of the block around a unit: from the unit upward, then from the start. Returns
   * the units sent at once.
   */
  private long prefetchBlock(int region, long unit, int most) {
    long units = FaultDensity.BLOCK_BYTES / regions.get(region).unitBytes();
    long start = unit / units * units;
    long end = Math.min(start + units, regions.get(region).sent().pageCount());
    if (!density.isDense()) {
      blocks.add(region, unit + 1, end, start, unit, most);
      return 0;
    }
    long sent = prefetchRange(region, unit + 1, end, most);
    return sent + prefetchRange(region, start, unit, most - sent);
  }

  /** Sends the first unsent units of a range; returns how many. */
  private long prefetchRange(int region, long first, long end, long most) {
    PageBitmap bitmap = regions.get(region).sent();
    long last = Math.min(end, bitmap.pageCount());
    long sent = 0;
    long unit = bitmap.nextClear(first, last);
    while (unit < last && sent < most) {
      long claimed = sink.prefetch(region, unit, Math.min(last - unit, most - sent));
      sent += claimed;
      unit = bitmap.nextClear(unit + claimed, last);
    }
    return sent;
  }

  private long prefetchStrided(int region, long unit, long stride, int window) {
    long units = regions.get(region).sent().pageCount();
    long sent = 0;
    long next = unit + stride;
    for (int i = Math.min(window, MAX_STRIDED); i > 0; i--) {
      if (next < 0 || next >= units) {
        break;
      }
      sent += sink.prefetch(region, next, 1);
      next += stride;
    }
    return sent;
  }
}
