package io.faultline.dest;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * JFR: faults were read from userfaultfd and their pages requested. Times are from {@link
 * System#nanoTime}, which on Linux is the same clock for all processes of a machine
 * (CLOCK_MONOTONIC), so the events of both sides form one timeline. Disabled by default.
 */
@Name("faultline.RequestsSent")
@Label("Requests Sent")
@Description("Page faults were read from userfaultfd and their pages requested")
@Category("Faultline")
@StackTrace(false)
@Enabled(false)
final class RequestsSentEvent extends Event {
  /** Used to check whether the event is recorded, so that nothing is allocated if it is not. */
  private static final RequestsSentEvent PROBE = new RequestsSentEvent();

  @Label("Faults")
  int faults;

  @Label("Read")
  @Description("When read() of the userfaultfd had returned, in ns of System.nanoTime")
  long readNanos;

  @Label("Sent")
  @Description("When the requests were written to the socket")
  long sentNanos;

  /** The time now; 0 if the event is not recorded. */
  static long readNow() {
    return PROBE.isEnabled() ? System.nanoTime() : 0;
  }

  static void commit(int faults, long readNanos) {
    if (readNanos != 0) {
      RequestsSentEvent event = new RequestsSentEvent();
      event.faults = faults;
      event.readNanos = readNanos;
      event.sentNanos = System.nanoTime();
      event.commit();
    }
  }
}
