package io.faultline.source.scan;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The units written last before the switchover: the most recent generation of all regions, then the
 * older ones. One pass through each. Confined to the bulk loop.
 */
final class HotScan {
  private final List<SetScan> generations;
  private int generation;

  HotScan(List<? extends ScanRegion> regions) {
    generations =
        IntStream.range(0, ScanRegion.HOT_GENERATIONS)
            .mapToObj(number -> new SetScan(regions, region -> region.hot(number)))
            .toList();
  }

  /** Moves to the next hot unit that is unsent; false if there is none. */
  boolean next(ScanOrder.Run run) {
    while (generation < generations.size()) {
      if (generations.get(generation).next(run)) {
        return true;
      }
      generation++;
    }
    return false;
  }
}
