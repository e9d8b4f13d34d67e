package io.faultline.source;

import java.util.Arrays;

/**
 * How many requests there were in each stretch of {@value #STRETCH_BYTES} bytes. Where requests
 * come to one stretch again and again, in whatever order, the guest works there, and will come to
 * what is left of it: so each brings more of it along than the one before. A guest that is
 * scattered over much memory meets each stretch once or twice, and gets what it asks for.
 *
 * <p>One byte a stretch: 512 bytes for a GiB. Belongs to the control loop.
 */
final class FaultDensity {
  static final long STRETCH_BYTES = 2 << 20;

  /** Pages to bring along with the first request in a stretch, the second, and so on. */
  private static final int[] WINDOWS = {0, 16, 64, 128};

  private final boolean written;
  private final byte[][] requests;

  /**
   * @param written whether all that is left was written by the guest not long ago: then each
   *     stretch counts as visited
   */
  FaultDensity(OutgoingRegions regions, boolean written) {
    this.written = written;
    requests = new byte[regions.count()][];
    for (int i = 0; i < requests.length; i++) {
      long stretches = Math.ceilDiv(regions.get(i).memory().sizeBytes(), STRETCH_BYTES);
      requests[i] = new byte[Math.toIntExact(stretches)];
      Arrays.fill(requests[i], (byte) (written ? 1 : 0));
    }
  }

  /**
   * Whether all that is left was written not long ago. Then a request says nothing about its
   * neighbours that is not known of all pages.
   */
  boolean isAllWritten() {
    return written;
  }

  /** A page at an offset is asked for; returns how many pages to bring along. */
  int requested(int region, long offsetBytes) {
    int stretch = (int) (offsetBytes / STRETCH_BYTES);
    int before = requests[region][stretch];
    if (before < WINDOWS.length - 1) {
      requests[region][stretch]++;
    }
    return WINDOWS[before];
  }
}
