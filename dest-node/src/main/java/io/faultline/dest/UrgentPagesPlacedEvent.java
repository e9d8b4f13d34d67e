package io.faultline.dest;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * JFR: an urgent run of pages was placed, and the waiting vCPUs are awake. For the clock see {@link
 * RequestsSentEvent}.
 */
@Name("faultline.UrgentPagesPlaced")
@Label("Urgent Pages Placed")
@Description("Requested pages, and pages sent along with them, were placed")
@Category("Faultline")
@StackTrace(false)
@Enabled(false)
final class UrgentPagesPlacedEvent extends Event {
  /** Used to check whether the event is recorded, so that nothing is allocated if it is not. */
  private static final UrgentPagesPlacedEvent PROBE = new UrgentPagesPlacedEvent();

  @Label("Region")
  int region;

  @Label("First Page")
  long firstPage;

  @Label("Bytes")
  long bytes;

  @Label("Arrived")
  @Description("When their header was decoded, in ns of System.nanoTime")
  long arrivedNanos;

  @Label("Placed")
  @Description("When the last piece of them was placed")
  long placedNanos;

  /** The time now; 0 if the event is not recorded. */
  static long now() {
    return PROBE.isEnabled() ? System.nanoTime() : 0;
  }

  static void commit(int region, long firstPage, long bytes, long arrivedNanos) {
    UrgentPagesPlacedEvent event = new UrgentPagesPlacedEvent();
    event.region = region;
    event.firstPage = firstPage;
    event.bytes = bytes;
    event.arrivedNanos = arrivedNanos;
    event.placedNanos = System.nanoTime();
    event.commit();
  }
}
