package io.faultline.dest;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * JFR: an urgent run of pages is in place; who waited for it is awake. As {@link
 * RequestsSentEvent}.
 */
@Name("faultline.UrgentPagesPlaced")
@Label("Urgent Pages Placed")
@Description("Pages that were asked for, or came along with them, are in place")
@Category("Faultline")
@StackTrace(false)
@Enabled(false)
final class UrgentPagesPlacedEvent extends Event {
  /** Asked whether somebody records, so that nothing is allocated where nobody does. */
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

  /** Now; 0 where nobody records. */
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
