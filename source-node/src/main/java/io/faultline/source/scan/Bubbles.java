package io.faultline.source.scan;

import io.faultline.memory.PageBitmap;
import java.util.Arrays;
import java.util.List;

/**
 * Ranges of memory that grow around the guest's positions: three quarters upward, one quarter
 * downward. After Hines and Gopalan, "Post-copy live migration of virtual machines" (2009), but
 * with one bubble for each access stream.
 *
 * <p>Each hint lets the bubble of its stream grow by a limited amount. Then the bubble rests until
 * the next hint, so that a guest whose accesses are spread over all memory does not starve the rest
 * of the scan. Every second turn goes to the bubble with the newest hint. The others share the
 * remaining turns.
 *
 * <p>Confined to the bulk loop.
 */
final class Bubbles {
  private static final int COUNT = AccessStreams.COUNT;

  /** Growth downward, when the guest's direction is not known. */
  private static final long DOWNWARD_BYTES = 256 << 10;

  /** Growth upward, when the guest's direction is not known. */
  private static final long UPWARD_BYTES = 3 * DOWNWARD_BYTES;

  /** Growth upward ahead of a guest that is known to go on upward. */
  private static final long CONFIRMED_BYTES = 16 << 20;

  private final List<? extends ScanRegion> regions;
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

  Bubbles(List<? extends ScanRegion> regions, AccessHints hints) {
    this.regions = regions;
    this.hints = hints;
    Arrays.fill(seen, AccessHints.NONE);
  }

  /** Moves to an unsent unit; false if all bubbles rest. */
  boolean next(ScanOrder.Run run) {
    readHints();
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

  private void readHints() {
    for (int i = 0; i < COUNT; i++) {
      long hint = hints.get(i);
      if (hint != seen[i]) {
        seen[i] = hint;
        newest = i;
        startAt(i, hint);
      }
    }
  }

  private void startAt(int bubble, long hint) {
    ScanRegion in = regions.get(AccessHints.region(hint));
    boolean confirmed = AccessHints.isConfirmed(hint);
    long middle = AccessHints.basePage(hint) / in.unitPages();
    region[bubble] = AccessHints.region(hint);
    upward[bubble] = middle;
    downward[bubble] = middle;
    top[bubble] =
        Math.min(
            in.sent().pageCount(), middle + units(in, confirmed ? CONFIRMED_BYTES : UPWARD_BYTES));
    bottom[bubble] = confirmed ? middle : Math.max(0, middle - units(in, DOWNWARD_BYTES));
  }

  private static long units(ScanRegion in, long bytes) {
    return Math.max(1, bytes / in.unitBytes());
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
