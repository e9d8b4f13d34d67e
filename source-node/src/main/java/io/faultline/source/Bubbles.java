package io.faultline.source;

import io.faultline.memory.PageBitmap;
import java.util.Arrays;

/**
 * The places where the guest was seen last, each the middle of a bubble that grows outward: upward
 * for the most part, a quarter of it downward. After Hines and Gopalan, "Post-copy live migration
 * of virtual machines" (2009), with one bubble for each access stream.
 *
 * <p>A bubble grows by so much for each sign of its stream and then rests, so that a guest that is
 * everywhere does not keep the scan from the rest of memory. Every other turn is that of the bubble
 * that had a sign last; the others share what remains.
 *
 * <p>Belongs to the bulk loop.
 */
final class Bubbles {
  private static final int COUNT = AccessStreams.COUNT;

  /** How far a bubble grows downward, and upward where nobody knows whether the guest goes on. */
  private static final long BACK_BYTES = 256 << 10;

  private static final long FORWARD_BYTES = 3 * BACK_BYTES;

  /** Upward in front of a guest that goes on as it did. */
  private static final long CONFIRMED_BYTES = 16 << 20;

  private final OutgoingRegions regions;
  private final AccessHints hints;
  private final long[] seen = new long[COUNT];
  private final int[] region = new int[COUNT];
  private final long[] upward = new long[COUNT];
  private final long[] top = new long[COUNT];
  private final long[] bottom = new long[COUNT];
  private final long[] downward = new long[COUNT];
  private int newest;
  private int other;
  private long turn;

  Bubbles(OutgoingRegions regions, AccessHints hints) {
    this.regions = regions;
    this.hints = hints;
    Arrays.fill(seen, AccessHints.NONE);
  }

  /** Goes to a unit that is not sent; false where all bubbles rest. */
  boolean next(ScanOrder.Run run) {
    lookAtHints();
    turn++;
    if (turn % 2 == 0 && grow(newest, run)) {
      return true;
    }
    for (int tried = 0; tried < COUNT; tried++) {
      other = (other + 1) % COUNT;
      if (grow(other, run)) {
        return true;
      }
    }
    return false;
  }

  private void lookAtHints() {
    for (int i = 0; i < COUNT; i++) {
      long place = hints.look(i);
      if (place != seen[i]) {
        seen[i] = place;
        newest = i;
        startAt(i, place);
      }
    }
  }

  private void startAt(int bubble, long place) {
    int of = AccessHints.region(place);
    OutgoingRegion from = regions.get(of);
    boolean confirmed = AccessHints.isConfirmed(place);
    long middle = AccessHints.basePage(place) / from.unitPages();
    region[bubble] = of;
    upward[bubble] = middle;
    downward[bubble] = middle;
    top[bubble] =
        Math.min(
            from.sent().pageCount(),
            middle + units(from, confirmed ? CONFIRMED_BYTES : FORWARD_BYTES));
    bottom[bubble] = confirmed ? middle : Math.max(0, middle - units(from, BACK_BYTES));
  }

  private static long units(OutgoingRegion of, long bytes) {
    return Math.max(1, bytes / of.unitBytes());
  }

  private boolean grow(int bubble, ScanOrder.Run run) {
    if (upward[bubble] >= top[bubble] && downward[bubble] <= bottom[bubble]) {
      return false;
    }
    PageBitmap sent = regions.get(region[bubble]).sent();
    upward[bubble] = sent.nextClear(upward[bubble], top[bubble]);
    if (upward[bubble] < top[bubble]) {
      run.set(region[bubble], upward[bubble], top[bubble]);
      return true;
    }
    long unsent = sent.nextClear(bottom[bubble], downward[bubble]);
    if (unsent < downward[bubble]) {
      run.set(region[bubble], unsent, downward[bubble]);
      return true;
    }
    downward[bubble] = bottom[bubble];
    return false;
  }
}
