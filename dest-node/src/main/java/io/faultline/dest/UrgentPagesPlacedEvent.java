package io.faultline.dest;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

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

  /** A run whose header has arrived; null where nobody records. */
  static @Nullable UrgentPagesPlacedEvent arrived(int region, long firstPage, long bytes) {
    UrgentPagesPlacedEvent event = new UrgentPagesPlacedEvent();
    if (!event.isEnabled()) {
      return null;
    }
    event.arrivedNanos = System.nanoTime();
    event.region = region;
    event.firstPage = firstPage;
    event.bytes = bytes;
    return event;
  }

  void placed() {
    placedNanos = System.nanoTime();
    commit();
  }
}
