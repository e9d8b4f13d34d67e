package io.faultline.source.scan;

import java.util.List;

/**
 * The order of the background scan: what the guest is expected to need, then around the guest's
 * positions (bubbling), then what the guest wrote last before the switchover, then all memory from
 * start to end. All four look for unsent units in the same bitmap. So each step finds a run while
 * there is one, and none of the four can make another miss a page.
 *
 * <p>Does not allocate. Confined to the bulk loop.
 */
public final class ScanOrder {
  /** One step in this many is not for the bubbles, however many faults there are. */
  private static final int STEPS_PER_NON_BUBBLE = 4;

  private final AccessHints hints = new AccessHints();
  private final Bubbles bubbles;
  private final SetScan expected;
  private final HotScan hot;
  private final LinearScan linear;
  private final boolean bubbling;
  private final boolean hotFirst;
  private final Run run = new Run();
  private long step;

  /** A range of units to send next. The first is unsent; later ones may have been sent. */
  static final class Run {
    int region;
    long first;
    long end;

    void set(int newRegion, long newFirst, long newEnd) {
      region = newRegion;
      first = newFirst;
      end = newEnd;
    }
  }

  /**
   * @param regions by their ids
   */
  public ScanOrder(List<? extends ScanRegion> regions, ScanSettings settings) {
    bubbles = new Bubbles(regions, hints);
    expected = new SetScan(regions, ScanRegion::expected);
    hot = new HotScan(regions);
    linear = new LinearScan(regions);
    bubbling = settings.bubbling();
    hotFirst = settings.hotFirst();
  }

  /**
   * Chooses the next run. Its first unit is unsent, unless another loop claims it meanwhile.
   *
   * @return false if all units are sent
   */
  public boolean next() {
    if (expected.next(run)) {
      return true;
    }
    step++;
    if (bubbling && step % STEPS_PER_NON_BUBBLE != 0 && bubbles.next(run)) {
      return true;
    }
    return (hotFirst && hot.next(run)) || linear.next(run);
  }

  /** The region of the chosen run. */
  public int region() {
    return run.region;
  }

  /** The first unit of the chosen run. */
  public long firstUnit() {
    return run.first;
  }

  /** The end of the chosen run, exclusive. */
  public long endUnit() {
    return run.end;
  }

  /** The guest's positions, published by the prefetcher. Any thread. */
  AccessHints hints() {
    return hints;
  }
}
