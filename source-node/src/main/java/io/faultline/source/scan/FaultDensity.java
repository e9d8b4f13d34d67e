package io.faultline.source.scan;

import java.util.Arrays;
import java.util.List;

/**
 * Counts requests per block of {@value #BLOCK_BYTES} bytes. A guest that requests pages of the same
 * block again and again, in whatever order, works there and will need the rest of the block: each
 * request prefetches more of it than the one before. A guest whose requests are scattered hits each
 * block once or twice, and gets what it requests.
 *
 * <p>In time a guest that is at home in all of its memory requests pages of each block several
 * times, too: a block is dense only if it has several times as many requests as the average one.
 *
 * <p>One byte per block: 512 bytes for a GiB. Confined to the control loop.
 */
final class FaultDensity {
  static final long BLOCK_BYTES = 2 << 20;

  /** Units to prefetch with the first request in a block, the second, and so on. */
  private static final int[] WINDOWS = {0, 16, 64, 128};

  /** A dense block has this many times the average number of requests, and one more. */
  private static final int DENSE = 3;

  private final boolean allWritten;
  private final byte[][] requests;

  private long blocks;
  private long total;
  private boolean dense;

  /**
   * @param allWritten whether the guest has recently written all pages that are left, as after
   *     precopy rounds: then each block counts as requested once
   */
  FaultDensity(List<? extends ScanRegion> regions, boolean allWritten) {
    this.allWritten = allWritten;
    requests = new byte[regions.size()][];
    for (int i = 0; i < requests.length; i++) {
      ScanRegion region = regions.get(i);
      long ofRegion = Math.ceilDiv(region.sent().pageCount() * region.unitBytes(), BLOCK_BYTES);
      requests[i] = new byte[Math.toIntExact(ofRegion)];
      blocks += ofRegion;
      Arrays.fill(requests[i], (byte) (allWritten ? 1 : 0));
    }
  }

  /**
   * Whether the guest has recently written all pages that are left. Then a single request says
   * nothing new about its neighbours.
   */
  boolean isAllWritten() {
    return allWritten;
  }

  /** Counts a request for the page at an offset; returns how many units to prefetch with it. */
  int requested(int region, long offsetBytes) {
    int block = (int) (offsetBytes / BLOCK_BYTES);
    int before = requests[region][block];
    if (before < Byte.MAX_VALUE) {
      requests[region][block]++;
    }
    long real = allWritten ? before - 1 : before;
    dense = real * blocks >= DENSE * total + blocks;
    total++;
    return WINDOWS[Math.min(before, WINDOWS.length - 1)];
  }

  /** Whether the block of the last request is dense: the guest works there more than elsewhere. */
  boolean isDense() {
    return dense;
  }
}
