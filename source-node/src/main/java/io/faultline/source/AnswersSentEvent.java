package io.faultline.source;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * JFR: requests that one read brought were answered. Times are {@link System#nanoTime}'s, which on
 * Linux is the same for all processes of a machine (CLOCK_MONOTONIC), so that the events of both
 * ends make one timeline. Off unless it is asked for.
 */
@Name("faultline.AnswersSent")
@Label("Answers Sent")
@Description("Page requests were answered from guest memory")
@Category("Faultline")
@StackTrace(false)
@Enabled(false)
final class AnswersSentEvent extends Event {
  /** Asked whether somebody records, so that nothing is allocated where nobody does. */
  private static final AnswersSentEvent PROBE = new AnswersSentEvent();

  @Label("Arrived")
  @Description("When the first request was decoded, in ns of System.nanoTime")
  long arrivedNanos;

  @Label("Ready")
  @Description("When all pages were found and the socket was about to be written to")
  long readyNanos;

  @Label("Sent")
  @Description("When they were written to the socket")
  long sentNanos;

  /** Now; 0 where nobody records. */
  static long now() {
    return PROBE.isEnabled() ? System.nanoTime() : 0;
  }

  static void commit(long arrivedNanos, long readyNanos) {
    AnswersSentEvent event = new AnswersSentEvent();
    event.arrivedNanos = arrivedNanos;
    event.readyNanos = readyNanos;
    event.sentNanos = System.nanoTime();
    event.commit();
  }
}
