package io.faultline.source;

import io.faultline.memory.PageBitmap;

/**
 * Follows the guest by its requests: brings more pages behind the one asked for, and tells the
 * background scan where to go on.
 *
 * <p>What is brought along never goes in front of a page that is asked for: it is sent when all
 * requests that have arrived are answered, and only while the connection takes it at once. How much
 * that is depends on how sure it is that the guest comes there: all of the window of a recognised
 * stream, some of a stretch of memory with many requests, else nothing. Where pages are huge that
 * is nothing either, since one of them alone would hold up the next request for long.
 *
 * <p>Allocation-free. Belongs to the control loop.
 */
final class Prefetcher {
  /** The most that one request brings along. */
  static final int MAX_BYTES = 1 << 20;

  /**
   * How far in front of a guest that goes on the background starts, where what is nearer is brought
   * along: a page on its way in the queue of the background is late for a guest that is there.
   */
  private static final long LEAD_BYTES = 4 << 20;

  /** Pages of a stream with gaps are sent one by one: so there are fewer of them. */
  private static final int MAX_STRIDED = 32;

  /** Requests of one read that are looked at; behind more there is enough to do. */
  private static final int MAX_REQUESTS = 16;

  private final OutgoingRegions regions;
  private final PageRequestServer urgent;
  private final AccessHints hints;
  private final FaultDensity density;
  private final RateLimit limit;
  private final boolean prefetch;
  private final AccessStreams streams;

  private final int[] requestedRegion = new int[MAX_REQUESTS];
  private final long[] requestedUnit = new long[MAX_REQUESTS];
  private int requests;

  /**
   * @param limit is charged with what is brought along, so that the background makes up for it
   */
  Prefetcher(
      OutgoingRegions regions,
      PageRequestServer urgent,
      AccessHints hints,
      FaultDensity density,
      RateLimit limit,
      boolean prefetch) {
    this.regions = regions;
    this.urgent = urgent;
    this.hints = hints;
    this.density = density;
    this.limit = limit;
    this.prefetch = prefetch;
    streams =
        new AccessStreams(Math.toIntExact(MAX_BYTES / regions.get(0).memory().basePageBytes()));
  }

  /** A base page is asked for, and answered. */
  void requested(int region, long basePage) {
    if (requests < MAX_REQUESTS) {
      requestedRegion[requests] = region;
      requestedUnit[requests] = firstUnit(regions.get(region), basePage);
      requests++;
    }
  }

  /**
   * All requests that have arrived are answered and on their way.
   *
   * @return whether something was sent behind them
   */
  boolean followUp() {
    long before = urgent.pagesSent();
    for (int i = 0; i < requests; i++) {
      follow(requestedRegion[i], requestedUnit[i]);
    }
    requests = 0;
    return urgent.pagesSent() != before;
  }

  private static long firstUnit(OutgoingRegion region, long basePage) {
    return basePage / region.memory().basePagesPerPage() * region.unitsPerPage();
  }

  private void follow(int regionId, long unit) {
    OutgoingRegion region = regions.get(regionId);
    int stream = streams.requested(regionId, unit, region.sent());
    int dense = density.requested(regionId, unit * region.unitBytes());
    boolean upward = streams.isConfirmed(stream) && streams.stride(stream) == 1;
    long ahead = upward ? region.unitsPerPage() : 0;
    if (prefetch && !region.memory().backing().pageSize().isHuge()) {
      long brought = urgent.isWritable() ? bring(region, stream, unit, dense) : 0;
      ahead += upward ? brought + LEAD_BYTES / region.unitBytes() : 0;
    }
    if (streams.isConfirmed(stream) || !density.isAllWritten()) {
      long from = Math.min(unit + ahead, region.sent().pageCount() - 1);
      hints.tell(stream, regionId, from * region.unitPages(), upward);
    }
  }

  private long bring(OutgoingRegion region, int stream, long unit, int dense) {
    long brought;
    if (!streams.isConfirmed(stream)) {
      brought = bringStretch(region, unit, dense);
    } else if (streams.stride(stream) == 1) {
      int window = streams.window(stream);
      brought = bringRange(region, unit + 1, unit + 1 + 2L * window, window);
    } else if (streams.stride(stream) == -1) {
      int window = streams.window(stream);
      brought = bringRange(region, Math.max(0, unit - window), unit, window);
    } else {
      brought = bringStrided(region, unit, streams.stride(stream), streams.window(stream));
    }
    limit.alsoSent(brought * region.unitBytes());
    return brought;
  }

  /** What is left of the stretch around a unit: upward from it first, then from its start. */
  private long bringStretch(OutgoingRegion region, long unit, int most) {
    long units = FaultDensity.STRETCH_BYTES / region.unitBytes();
    long start = unit / units * units;
    long brought = bringRange(region, unit + 1, start + units, most);
    return brought + bringRange(region, start, unit, most - brought);
  }

  /** Sends the first units of a range that are not sent yet; returns how many. */
  private long bringRange(OutgoingRegion region, long first, long end, long most) {
    PageBitmap sent = region.sent();
    long last = Math.min(end, sent.pageCount());
    long brought = 0;
    long unit = sent.nextClear(first, last);
    while (unit < last && brought < most) {
      long claimed = urgent.bring(region, unit, Math.min(last - unit, most - brought));
      brought += claimed;
      unit = sent.nextClear(unit + claimed, last);
    }
    return brought;
  }

  private long bringStrided(OutgoingRegion region, long unit, long stride, int window) {
    long brought = 0;
    long next = unit + stride;
    for (int i = Math.min(window, MAX_STRIDED); i > 0; i--) {
      if (next < 0 || next >= region.sent().pageCount()) {
        break;
      }
      brought += urgent.bring(region, next, 1);
      next += stride;
    }
    return brought;
  }
}
