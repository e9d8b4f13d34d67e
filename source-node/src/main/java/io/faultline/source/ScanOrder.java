package io.faultline.source;

/**
 * The order in which the background sends what is left: around where the guest is (bubbling), what
 * it wrote last before the switchover, the rest as it lies. All three look for what is not sent in
 * the same bitmap, so that each step finds a run as long as there is one, and none of them can make
 * another miss a page.
 *
 * <p>Allocation-free. Belongs to the bulk loop.
 */
final class ScanOrder {
  /** Of so many steps one is not for the bubbles, however many faults there are. */
  private static final int SHARE_OF_THE_REST = 4;

  private final Bubbles bubbles;
  private final HotScan hot;
  private final LinearScan linear;
  private final boolean bubbling;
  private final boolean hotFirst;
  private final Run run = new Run();
  private long step;

  /** Where to look for pages: {@code end} is behind the last unit that may be taken. */
  static final class Run {
    int region;
    long unit;
    long end;

    void set(int ofRegion, long from, long before) {
      region = ofRegion;
      unit = from;
      end = before;
    }
  }

  ScanOrder(OutgoingRegions regions, AccessHints hints, ScanSettings order) {
    bubbles = new Bubbles(regions, hints);
    hot = new HotScan(regions);
    linear = new LinearScan(regions);
    bubbling = order.bubbling();
    hotFirst = order.hotFirst();
  }

  /**
   * Chooses where to go on; a unit that is not sent, unless it is taken meanwhile.
   *
   * @return false where all is sent
   */
  boolean next() {
    step++;
    if (bubbling && step % SHARE_OF_THE_REST != 0 && bubbles.next(run)) {
      return true;
    }
    return (hotFirst && hot.next(run)) || linear.next(run);
  }

  /** What {@link #next} chose. */
  Run run() {
    return run;
  }
}
