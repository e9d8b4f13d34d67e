package io.faultline.dest;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * JFR: faults were read from userfaultfd and asked for. Times are {@link System#nanoTime}'s, which
 * on Linux is the same for all processes of a machine (CLOCK_MONOTONIC), so that the events of both
 * ends make one timeline. Off unless it is asked for.
 */
@Name("faultline.RequestsSent")
@Label("Requests Sent")
@Description("Page faults were read from userfaultfd and asked for")
@Category("Faultline")
@StackTrace(false)
@Enabled(false)
final class RequestsSentEvent extends Event {
  /** Asked whether somebody records, so that nothing is allocated where nobody does. */
  private static final RequestsSentEvent PROBE = new RequestsSentEvent();

  @Label("Faults")
  int faults;

  @Label("Read")
  @Description("When read() of the userfaultfd had returned, in ns of System.nanoTime")
  long readNanos;

  @Label("Sent")
  @Description("When the requests were written to the socket")
  long sentNanos;

  /** When the faults were read; 0 where nobody records. */
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
